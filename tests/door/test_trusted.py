"""Deployments that serve the documents of a manifest, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query

from api.door.trusted import BadManifest, trusted
from tests.asking import the_documents
from tests.door.conftest import Served
from tests.door.sockets import received, send, socket
from tests.test_command_line import run

COUNT = "query Count { users { totalCount } }"
TYPE = "query Type { __typename }"
TWO = f"{COUNT} {TYPE}"
DATA = {"users": {"totalCount": 0}}


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


MANIFESTS: dict[str, Any] = {
    "by hash": {f"sha256:{digest(COUNT)}": COUNT, f"sha256:{digest(TYPE)}": TYPE},
    "by bare hash": {digest(COUNT): COUNT, digest(TYPE): TYPE},
    "Apollo's": {
        "format": "apollo-persisted-query-manifest",
        "version": 1,
        "operations": [
            {"id": digest(COUNT), "name": "Count", "type": "query", "body": COUNT},
            {"id": digest(TYPE), "name": "Type", "type": "query", "body": TYPE},
        ],
    },
}

Written = Callable[[Any], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes a manifest, and gives the path of it."""

    def write(manifest: Any) -> Path:
        path = tmp_path / "documents.json"
        path.write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
        return path

    return write


async def post(client: httpx.AsyncClient, **body: Any) -> Any:
    return (await client.post("/graphql", json=body)).json()


def code(answer: Any) -> str:
    (error,) = answer["errors"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS)
async def test_a_document_of_the_manifest_is_asked_for_by_hash_id_or_text(
    served: Served, written: Written, manifest: Any
) -> None:
    async with served(trusted_documents=written(manifest)) as client:
        apollo = {"persistedQuery": {"version": 1, "sha256Hash": digest(COUNT)}}
        assert (await post(client, extensions=apollo))["data"] == DATA
        assert (await post(client, documentId=f"sha256:{digest(COUNT)}"))["data"] == DATA
        assert (await post(client, query=COUNT))["data"] == DATA
        got = await client.get("/graphql", params={"documentId": f"sha256:{digest(COUNT)}"})
        assert got.json()["data"] == DATA
        async with socket(client) as one:
            payload = {"documentId": f"sha256:{digest(COUNT)}"}
            await send(one, type="subscribe", id="1", payload=payload)
            assert (await received(one))["payload"]["data"] == DATA


async def test_names_of_ones_own_will_do(served: Served, written: Written) -> None:
    manifest = {"count-1": COUNT, "0123456789abcdef": TWO}
    async with served(trusted_documents=written(manifest)) as client:
        assert (await post(client, documentId="count-1"))["data"] == DATA
        typed = await post(client, documentId="0123456789abcdef", operationName="Type")
        assert typed["data"] == {"__typename": "Query"}


async def test_any_other_document_is_refused_and_never_learnt(
    served: Served, written: Written
) -> None:
    async with served(trusted_documents=written({"count": COUNT})) as client:
        for query in (TYPE, f"{COUNT} ", "{", get_introspection_query()):
            assert code(await post(client, query=query)) == "DOCUMENT_NOT_TRUSTED"
            apollo = {"persistedQuery": {"version": 1, "sha256Hash": digest(query)}}
            assert (
                code(await post(client, query=query, extensions=apollo)) == "DOCUMENT_NOT_TRUSTED"
            )
            answer = await post(client, extensions=apollo)
            assert code(answer) == "DOCUMENT_NOT_TRUSTED"
            assert "CONTEXTQL_TRUSTED_DOCUMENTS" in answer["errors"][0]["message"]
        # A name that is trusted does not lend its trust to another text.
        assert code(await post(client, query=TYPE, documentId="count")) == "DOCUMENT_NOT_TRUSTED"
        async with socket(client) as one:
            await send(one, type="subscribe", id="1", payload={"query": TYPE})
            message = await received(one)
            assert message["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


@pytest.mark.parametrize(
    ("manifest", "problems"),
    [
        ("{", ["is not JSON"]),
        ("[]", ["must be an object"]),
        ({"a": 7}, ["must be an object"]),
        ({"format": "apollo-persisted-query-manifest", "operations": [{"id": "a"}]}, ["must be an object"]),
        ({"format": "apollo-persisted-query-manifest"}, ["must be an object"]),
        ({"a": "{"}, ["a: Syntax Error"]),
        ({"a": "{ nothing }", "b": COUNT, "c": "{ more }"}, ["a: Cannot query field", "c: Cannot query field"]),
        ({"a": TWO + " query Third { nothing }"}, ["a: Cannot query field"]),
        ({"a": "fragment F on User { id }"}, ["a: The document holds no operation"]),
        ({f"sha256:{digest(TYPE)}": COUNT}, [f"the hash of its text is sha256:{digest(COUNT)}"]),
        ({"a": "{ users(first: 100) { edges { node { contexts(first: 100) { edges { node { "
               "versions(first: 100) { edges { node { version } } } } } } } } } }"}, ["a: The operation has"]),
    ],
)  # fmt: skip
def test_a_manifest_that_cannot_be_served_is_told_line_by_line(
    written: Written, manifest: Any, problems: list[str]
) -> None:
    with pytest.raises(BadManifest) as bad:
        trusted(written(manifest), the_documents())
    assert len(bad.value.problems) == len(problems)
    for told, problem in zip(bad.value.problems, problems, strict=True):
        assert problem in told


async def test_a_document_that_does_not_fit_ends_the_start(
    database_url: str, written: Written
) -> None:
    path = written({"a": "{ nothing }", "b": "{ users(first: 1) { more } }"})
    ended = run("serve", DATABASE_URL=database_url, TRUSTED_DOCUMENTS=str(path), PORT="0")
    assert ended.returncode == 1
    assert [line.split(" Cannot")[0] for line in ended.stderr.strip().splitlines()] == [
        "contextql: CONTEXTQL_TRUSTED_DOCUMENTS: a:",
        "contextql: CONTEXTQL_TRUSTED_DOCUMENTS: b:",
    ]
    missing = run("serve", DATABASE_URL=database_url, TRUSTED_DOCUMENTS="nowhere.json")
    assert "CONTEXTQL_TRUSTED_DOCUMENTS: nowhere.json cannot be read" in missing.stderr
