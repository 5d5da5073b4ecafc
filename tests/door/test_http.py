"""Promises about HTTP, kept over a real socket."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from api.observe import Fact, Faulted, OperationEnded
from db.embedded import Embedded
from tests.credential import AUTHORIZATION
from tests.databases import run_sql
from tests.door.conftest import Served
from tests.scripted import Scripted

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON_HEADERS = {"Content-Type": "application/json"}


async def post(client: httpx.AsyncClient, accept: str | None = None, **body: Any) -> httpx.Response:
    headers = {} if accept is None else {"Accept": accept}
    return await client.post("/graphql", json=body, headers=headers)


def the_error(response: httpx.Response) -> dict[str, Any]:
    """The one error of the answer, which always has a code and the request id of the header."""
    (error,) = response.json()["errors"]
    assert error["extensions"]["requestId"] == response.headers["X-Request-ID"]
    found: dict[str, Any] = error
    return found


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", GRAPHQL_RESPONSE])
async def test_an_answer_comes_in_the_type_that_is_accepted(
    client: httpx.AsyncClient, accept: str | None
) -> None:
    response = await post(client, accept, query="{ __typename }")
    assert response.status_code == 200
    assert response.json()["data"] == {"__typename": "Query"}
    media_type = accept if accept == GRAPHQL_RESPONSE else "application/json"
    assert response.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert response.headers["Vary"] == "Accept, Authorization"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { __typename } query B { __typename }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query($n: Int!) { users(first: $n) { totalCount } }"}, "BAD_USER_INPUT"),
        ({"query": "{ a" + "{ a" * 40 + "}" * 41}, "OPERATION_TOO_COSTLY"),
        ({"query": 'subscription { responseEvents(id: "x") { __typename } }'}, None),
    ],
)
async def test_a_request_that_is_not_executed_is_400_by_the_new_type_and_200_by_the_old(
    client: httpx.AsyncClient, body: dict[str, Any], code: str | None
) -> None:
    new, old = await post(client, GRAPHQL_RESPONSE, **body), await post(client, **body)
    if code is None:
        assert new.status_code == old.status_code == 400
        assert "WebSocket" in the_error(new)["message"]
        return
    assert (new.status_code, old.status_code) == (400, 200)
    assert "data" not in new.json()
    assert the_error(new)["extensions"]["code"] == the_error(old)["extensions"]["code"] == code


async def test_a_null_that_spread_to_the_root_is_data_all_the_same(
    client: httpx.AsyncClient,
) -> None:
    response = await post(
        client,
        GRAPHQL_RESPONSE,
        query='mutation { deleteContext(input: { id: "x" }) { context { id } } }',
    )
    assert response.status_code == 200
    assert response.json()["data"] is None
    assert the_error(response)["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "body",
    [
        b"null", b"7", b'"x"', b"[]", b'[{"query": "{ __typename }"}]', b"{", b"", b"{}", b"\xff\xfe", b"[" * 100_000,
        b'{"query": null}', b'{"query": ""}', b'{"query": 7}', b'{"query": "{ __typename }", "variables": "x"}',
        b'{"query": "{ __typename }", "variables": []}', b'{"query": "{ __typename }", "operationName": 7}',
        b'{"query": "{ __typename }", "extensions": 7}', b'{"query": "{ __typename }", "variables": {"a": NaN}}',
        b'{"query": "\\ud800"}',
    ],
)  # fmt: skip
async def test_a_body_that_is_no_request_is_400_in_every_type(
    client: httpx.AsyncClient, body: bytes
) -> None:
    for accept in ("application/json", GRAPHQL_RESPONSE):
        response = await client.post(
            "/graphql", content=body, headers={**JSON_HEADERS, "Accept": accept}
        )
        assert response.status_code == 400
        assert the_error(response)["extensions"]["code"] == "BAD_USER_INPUT"


async def test_numbers_of_ten_thousand_digits_are_taken_or_refused_but_never_a_fault(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    body = (
        b'{"query": "query($n: Int) { users(first: $n) { totalCount } }", "variables": {"n": %s}}'
    )
    response = await client.post("/graphql", content=body % (b"9" * 10_000), headers=JSON_HEADERS)
    assert the_error(response)["extensions"]["code"] == "BAD_USER_INPUT"
    literal = await post(client, query="{ users(first: %s) { totalCount } }" % ("9" * 10_000))
    assert "errors" in literal.json()
    assert not [fact for fact in facts if isinstance(fact, Faulted)]


async def test_unknown_keys_are_ignored_and_nulls_are_as_nothing(client: httpx.AsyncClient) -> None:
    response = await post(
        client, query="{ __typename }", variables=None, operationName=None, extensions=None, more=1
    )
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({"Content-Type": "text/plain"}, b"{}"),
        ({"Content-Type": "application/jsonx"}, b"{}"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"query=1"),
        ({"Content-Type": "application/json; charset=iso-8859-1"}, b"{}"),
        (
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
            gzip.compress(b"{}", mtime=0),
        ),
        ({}, b"{}"),
    ],
)
async def test_only_json_in_utf8_is_read(
    client: httpx.AsyncClient, headers: dict[str, str], content: bytes
) -> None:
    response = await client.post("/graphql", content=content, headers=headers)
    assert response.status_code == 415
    assert the_error(response)["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_media_type_is_read_without_regard_to_case(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "APPLICATION/JSON; Charset=UTF-8"}
    response = await client.post(
        "/graphql", content=b'{"query": "{ __typename }"}', headers=headers
    )
    assert response.status_code == 200


async def test_a_body_over_the_cap_is_refused_however_it_is_sent(served: Served) -> None:
    async def chunks() -> Any:
        for _ in range(10):
            yield b" " * 1000

    async with served(max_body_bytes=4096) as client:
        declared = await client.post("/graphql", content=b" " * 5000, headers=JSON_HEADERS)
        streamed = await client.post("/graphql", content=chunks(), headers=JSON_HEADERS)
        assert (declared.status_code, streamed.status_code) == (413, 413)
        assert "4096" in the_error(declared)["message"]


async def test_a_body_that_does_not_arrive_is_given_up(served: Served) -> None:
    async with served(body_timeout=0.1) as client:
        address = urlsplit(str(client.base_url))
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(
            b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + f"Authorization: {AUTHORIZATION}\r\n".encode()
            + b"Content-Length: 100\r\n\r\n{"
        )
        async with asyncio.timeout(5):
            status = await reader.readline()
        assert b" 408 " in status
        writer.close()
        await writer.wait_closed()


async def test_queries_may_be_got_and_mutations_may_not(client: httpx.AsyncClient) -> None:
    got = await client.get(
        "/graphql",
        params={
            "query": "query($n: Int) { users(first: $n) { totalCount } }",
            "variables": '{"n": 1}',
            "operationName": "",
        },
    )
    assert got.json()["data"] == {"users": {"totalCount": 0}}
    mutation = 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'
    refused = await client.get("/graphql", params={"query": mutation})
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert (
        await client.get("/graphql", params={"query": "{ __typename }", "variables": "x"})
    ).status_code == 400
    assert (await client.get("/graphql")).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_told_which_there_are(
    client: httpx.AsyncClient, method: str
) -> None:
    response = await client.request(method, "/graphql")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, POST, OPTIONS")


async def test_what_cannot_be_given_is_not_acceptable(client: httpx.AsyncClient) -> None:
    assert (await post(client, "text/csv", query="{ __typename }")).status_code == 406


async def test_any_other_path_says_where_graphql_is(client: httpx.AsyncClient) -> None:
    response = await client.get("/nothing", headers={"X-Request-ID": "mine-2"})
    assert response.status_code == 404
    assert the_error(response)["extensions"] == {"code": "NOT_FOUND", "requestId": "mine-2"}
    assert "/graphql" in the_error(response)["message"]


async def test_the_request_id_is_in_the_header_the_error_and_the_observation(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    response = await client.post(
        "/graphql", json={"query": "query Named { nothing }"}, headers={"X-Request-ID": "mine-1"}
    )
    assert response.headers["X-Request-ID"] == "mine-1"
    assert the_error(response)["extensions"]["requestId"] == "mine-1"
    (ended,) = [fact for fact in facts if isinstance(fact, OperationEnded)]
    assert (ended.by.request_id, ended.codes) == ("mine-1", ("GRAPHQL_VALIDATION_FAILED",))
    insane = await client.post(
        "/graphql", json={"query": "query Named { __typename }"}, headers={"X-Request-ID": "a b"}
    )
    assert insane.headers["X-Request-ID"] != "a b"
    ended = [fact for fact in facts if isinstance(fact, OperationEnded)][-1]
    assert (ended.kind, ended.name, ended.codes) == ("query", "Named", ())


async def test_a_fault_is_shown_without_its_inside_and_observed_whole(
    client: httpx.AsyncClient, facts: list[Fact], database_url: str
) -> None:
    await run_sql(database_url, "alter table users rename to gone")
    response = await post(client, query="{ users { totalCount } }")
    error = the_error(response)
    assert error["extensions"]["code"] == "INTERNAL"
    assert "gone" not in json.dumps(error)
    id = response.headers["X-Request-ID"]
    # What looks after the store by itself misses the table as well.
    (fault,) = [fact for fact in facts if isinstance(fact, Faulted) and fact.request_id == id]
    assert 'relation "users" does not exist' in str(fault.error)


async def test_an_operation_that_takes_too_long_is_given_up(served: Served) -> None:
    never = asyncio.Event()
    models = {"scripted": Scripted([never])}
    async with served(models, model="scripted", operation_timeout=0.3) as client:
        made = await post(
            client, query='mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'
        )
        user = made.json()["data"]["upsertUser"]["user"]["id"]
        response = await post(
            client,
            query='mutation($u: ID!) { generateResponse(input: { userId: $u, message: "?" }) { response { id } } }',
            variables={"u": user},
        )
        assert response.status_code == 504
        assert the_error(response)["extensions"]["code"] == "TIMEOUT"


async def test_a_database_that_is_away_is_said_to_be_unavailable_until_it_is_back(
    client: httpx.AsyncClient, postgres: Embedded, database_url: str
) -> None:
    name = database_url.split("/")[3].split("?", maxsplit=1)[0]
    await run_sql(
        postgres.url,
        f"alter database {name} allow_connections false",
        f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
    )
    response = await post(client, query="{ users { totalCount } }")
    assert the_error(response)["extensions"]["code"] == "SERVICE_UNAVAILABLE"
    await run_sql(postgres.url, f"alter database {name} allow_connections true")
    again = await post(client, query="{ users { totalCount } }")
    assert again.json()["data"] == {"users": {"totalCount": 0}}
