"""Documents that are sent once and then named by their hash: over every transport, and never one that is not valid."""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import sha256
from typing import Any

import httpx
import pytest

from api.door import persisted
from api.door.asked import Asked
from api.door.document_id import hashed
from api.door.documents import Rejected
from tests.door.conftest import Served
from tests.door.sockets import closed_with, received, send, socket
from tests.watching import frames

TEXT = "{ users { totalCount } }"
DATA = {"users": {"totalCount": 0}}
GRAPHQL_RESPONSE = "application/graphql-response+json"


def named(text: str, **more: Any) -> dict[str, Any]:
    """A request for the document as Apollo's clients name it."""
    digest = sha256(text.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}, **more}


async def post(client: httpx.AsyncClient, body: dict[str, Any], **headers: str) -> httpx.Response:
    return await client.post("/graphql", json=body, headers=headers)


def the_error(answer: httpx.Response) -> tuple[str, str]:
    (error,) = answer.json()["errors"]
    return error["message"], error["extensions"]["code"]


NOT_FOUND = ("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")


async def test_a_document_is_sent_once_and_named_from_then_on(client: httpx.AsyncClient) -> None:
    old, new = (
        await post(client, named(TEXT)),
        await post(client, named(TEXT), Accept=GRAPHQL_RESPONSE),
    )
    assert (old.status_code, the_error(old)) == (200, NOT_FOUND)
    assert (new.status_code, the_error(new)) == (400, NOT_FOUND)
    assert (await post(client, named(TEXT, query=TEXT))).json()["data"] == DATA
    assert (await post(client, named(TEXT))).json()["data"] == DATA
    by_id = await post(client, {"documentId": hashed(TEXT)})
    assert by_id.json()["data"] == DATA


async def test_it_is_named_in_a_url_in_a_stream_and_on_a_socket(client: httpx.AsyncClient) -> None:
    in_url = {"extensions": json.dumps(named(TEXT)["extensions"])}
    assert the_error(await client.get("/graphql", params=in_url)) == NOT_FOUND
    streamed = await post(client, named(TEXT), Accept="text/event-stream")
    assert "PERSISTED_QUERY_NOT_FOUND" in streamed.text
    async with socket(client) as one:
        await send(one, type="subscribe", id="1", payload=named(TEXT))
        message = await received(one)
        assert (message["type"], message["payload"][0]["message"]) == ("error", NOT_FOUND[0])
        await send(one, type="subscribe", id="2", payload=named(TEXT, query=TEXT))
        assert (await received(one))["payload"]["data"] == DATA
        await received(one)
        await send(one, type="subscribe", id="3", payload=named(TEXT))
        assert (await received(one))["payload"]["data"] == DATA
        await received(one)
        await send(one, type="subscribe", id="4", payload={"documentId": hashed(TEXT)})
        assert (await received(one))["payload"]["data"] == DATA
    assert (await client.get("/graphql", params=in_url)).json()["data"] == DATA
    named_in_url = {"documentId": hashed(TEXT)}
    assert (await client.get("/graphql", params=named_in_url)).json()["data"] == DATA
    # A browser that asks for it this way does not want the page.
    html = {"Accept": "text/html, application/json"}
    assert (await client.get("/graphql", params=in_url, headers=html)).json()["data"] == DATA
    streamed = await post(client, named(TEXT), Accept="text/event-stream")
    assert json.loads(frames(streamed.text)[0][2])["data"] == DATA


async def test_a_mutation_that_is_named_in_a_url_is_refused_all_the_same(
    client: httpx.AsyncClient,
) -> None:
    text = 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'
    await post(client, named(text, query=text))
    for accept in ("application/json", "text/event-stream"):
        refused = await client.get(
            "/graphql", params={"documentId": hashed(text)}, headers={"Accept": accept}
        )
        assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")


async def test_a_hash_of_another_text_is_refused_and_not_kept(client: httpx.AsyncClient) -> None:
    refused = await post(client, named(TEXT, query="{ __typename }"))
    assert the_error(refused)[1] == "BAD_USER_INPUT"
    assert the_error(await post(client, named(TEXT))) == NOT_FOUND


@pytest.mark.parametrize("text", ["{", "{ nothing }", "{ a" + "{ a" * 40 + "}" * 41])
async def test_a_text_that_is_refused_is_not_kept(client: httpx.AsyncClient, text: str) -> None:
    assert "errors" in (await post(client, named(text, query=text))).json()
    assert the_error(await post(client, named(text))) == NOT_FOUND


@pytest.mark.parametrize(
    "extensions",
    [
        {"persistedQuery": 7},
        {"persistedQuery": {}},
        {"persistedQuery": {"version": 2, "sha256Hash": "0" * 64}},
        {"persistedQuery": {"version": 1, "sha256Hash": "0" * 63}},
        {"persistedQuery": {"version": 1, "sha256Hash": 7}},
        {"persistedQuery": {"version": 1}},
    ],
)
async def test_a_name_that_is_none_is_a_broken_request(
    client: httpx.AsyncClient, extensions: dict[str, Any]
) -> None:
    refused = await post(client, {"query": TEXT, "extensions": extensions})
    assert (refused.status_code, the_error(refused)[1]) == (400, "BAD_USER_INPUT")
    async with socket(client) as one:
        await send(one, type="subscribe", id="1", payload={"query": TEXT, "extensions": extensions})
        assert await closed_with(one) == 4400


@pytest.mark.parametrize("id", [7, "", "x" * 257, [], {}])
async def test_an_id_that_is_none_is_a_broken_request(client: httpx.AsyncClient, id: Any) -> None:
    refused = await post(client, {"documentId": id})
    assert (refused.status_code, the_error(refused)[1]) == (400, "BAD_USER_INPUT")


async def test_where_it_is_turned_off_a_text_is_served_and_a_name_alone_is_not(
    served: Served,
) -> None:
    async with served(persisted_queries=False) as client:
        refused = ("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
        assert the_error(await post(client, named(TEXT))) == refused
        assert (await post(client, named(TEXT, query=TEXT))).json()["data"] == DATA
        assert the_error(await post(client, named(TEXT))) == refused


def test_no_more_is_remembered_than_so_many_bytes() -> None:
    library = persisted.Persisted()
    size = persisted.CAPACITY // 4
    texts = [letter * size for letter in "abcdef"]
    for text in texts:
        library.keep(Asked(text, None, None, hashed(text)))
    known = []
    for text in texts:
        with suppress(Rejected):
            known.append(library.text(Asked("", None, None, hashed(text)))[0])
    assert known == ["c", "d", "e", "f"]
