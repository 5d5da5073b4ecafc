"""Promises about `graphql-transport-ws`, kept over a real socket."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.observe import Fact, OperationEnded
from tests.credential import AUTHORIZED, KEY
from tests.door.conftest import Served, url_of
from tests.door.sockets import (
    PROTOCOL,
    address,
    closed_with,
    received,
    send,
    socket,
    subscribe,
)
from tests.responding import EVENTS
from tests.scripted import Scripted
from tests.watching import begun_at


async def test_queries_and_mutations_are_answered_over_a_socket_too(
    client: httpx.AsyncClient,
) -> None:
    async with socket(client) as one:
        await subscribe(
            one, 'mutation { upsertUser(input: { externalId: "ada" }) { user { externalId } } }'
        )
        message = await received(one)
        assert message["payload"]["data"] == {"upsertUser": {"user": {"externalId": "ada"}}}
        assert await received(one) == {"id": "1", "type": "complete"}
        await subscribe(one, "{ users { totalCount } }", id="1")
        assert (await received(one))["payload"]["data"] == {"users": {"totalCount": 1}}


async def test_an_operation_sees_what_another_has_just_written(client: httpx.AsyncClient) -> None:
    """Each operation on a socket has loaders of its own: nothing is remembered from the one before."""
    async with socket(client) as one:
        for name in ("Ada", "Augusta"):
            await client.post(
                "/graphql",
                json={
                    "query": """mutation($n: String) {
                      upsertUser(input: { externalId: "ada", name: $n }) { user { id } } }""",
                    "variables": {"n": name},
                },
            )
            await subscribe(one, '{ user(by: { externalId: "ada" }) { name } }')
            assert (await received(one))["payload"]["data"]["user"]["name"] == name
            await received(one)


@pytest.mark.parametrize(
    "message",
    [
        "[]", "null", "7", '"x"', "{", "{}", '{"type": 7}', '{"type": "start"}',
        '{"type": "connection_init", "payload": "x"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": 7, "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 7}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": "x"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "operationName": 7}}',
        '{"type": "complete"}',
    ],
)  # fmt: skip
async def test_a_message_that_is_none_closes_the_socket_with_4400(
    client: httpx.AsyncClient, message: str
) -> None:
    async with socket(client, begun=False) as one:
        await one.send(message)
        assert await closed_with(one) == 4400


async def test_bytes_are_no_message(client: httpx.AsyncClient) -> None:
    async with socket(client) as one:
        await one.send(b"{}")
        assert await closed_with(one) == 4400


async def test_the_protocol_is_kept(client: httpx.AsyncClient) -> None:
    async with socket(client, begun=False) as one:
        await subscribe(one, "{ __typename }")
        assert await closed_with(one) == 4401
    async with socket(client) as one:
        await send(one, type="connection_init", payload=AUTHORIZED)
        assert await closed_with(one) == 4429
    async with socket(client, begun=False, headers=AUTHORIZED) as one:
        await send(one, type="connection_init", payload=None)
        assert (await received(one))["type"] == "connection_ack"
        await send(one, type="ping", payload=None)
        assert (await received(one))["type"] == "pong"
        await send(one, type="pong", payload={"a": 1})
        await send(one, type="complete", id="unknown")
        await send(one, type="ping")
        assert (await received(one))["type"] == "pong"


async def test_only_the_current_protocol_is_spoken(client: httpx.AsyncClient) -> None:
    old: Any = "graphql-ws"
    with pytest.raises((ConnectionClosed, InvalidStatus, Exception)) as refused:
        async with connect(address(client), subprotocols=[old]) as one:
            await one.recv()
    assert "4406" in str(refused.value) or "subprotocol" in str(refused.value)


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 101), ({"Origin": "https://evil.example"}, 403), ({"Host": "evil.example"}, 403)],
)
async def test_a_page_of_another_origin_or_name_is_refused_where_a_page_holds_a_key(
    served: Served, headers: dict[str, str], status: int
) -> None:
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol": PROTOCOL,
    }
    async with (
        served(own_key=KEY) as client,
        client.stream("GET", "/graphql", headers={**handshake, **headers}) as response,
    ):
        assert response.status_code == status


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Int!) { users(first: $n) { totalCount } }", "BAD_USER_INPUT"),
        ("{ a" + "{ a" * 40 + "}" * 41, "OPERATION_TOO_COSTLY"),
    ],
)
async def test_an_operation_that_cannot_begin_gets_coded_errors_and_the_socket_lives(
    client: httpx.AsyncClient, query: str, code: str
) -> None:
    async with socket(client) as one:
        await subscribe(one, query, id="bad")
        message = await received(one)
        if message["type"] == "next":
            errors = message["payload"]["errors"]
            await received(one)
        else:
            assert (message["type"], message["id"]) == ("error", "bad")
            errors = message["payload"]
        assert errors[0]["extensions"]["code"] == code
        assert errors[0]["extensions"]["requestId"]
        await subscribe(one, "{ __typename }", id="good")
        assert (await received(one))["payload"]["data"] == {"__typename": "Query"}


async def test_an_error_while_executing_is_coded_in_its_frame(client: httpx.AsyncClient) -> None:
    async with socket(client) as one:
        await subscribe(one, '{ context(id: "x") { id } }')
        (error,) = (await received(one))["payload"]["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["path"] == ["context"]


async def test_one_operation_too_many_on_a_socket_is_refused_with_a_code(served: Served) -> None:
    models = {"scripted": Scripted([asyncio.Event()])}
    async with served(models, model="scripted") as client, socket(client) as one:
        id = await begun_at(url_of(client))
        for number in range(101):
            await send(
                one,
                type="subscribe",
                id=str(number),
                payload={"query": EVENTS, "variables": {"id": id}},
            )
        while (message := await received(one))["type"] != "error":
            pass
        assert message["id"] == "100"
        (error,) = message["payload"]
        assert error["extensions"]["code"] == "OPERATION_TOO_COSTLY"
        assert error["extensions"]["limit"] == 100


async def test_a_message_over_the_cap_closes_the_socket(served: Served) -> None:
    async with served(max_message_bytes=2048) as client, socket(client) as one:
        await subscribe(one, "{ __typename } #" + "x" * 3000)
        assert await closed_with(one) == 1009


async def test_a_response_is_followed_live_by_a_kept_client_library(
    served: Served, facts: list[Fact]
) -> None:
    go_on = asyncio.Event()
    models = {"scripted": Scripted(["Che", go_on, "ss."])}
    async with served(models, model="scripted") as client:
        id = await begun_at(url_of(client))
        transport = WebsocketsTransport(url=address(client), init_payload=AUTHORIZED)
        seen = []
        async with Client(transport=transport) as session:
            request = gql(EVENTS)
            request.variable_values = {"id": id}
            async for event in session.subscribe(request):
                seen.append(event["responseEvents"])
                if seen[-1].get("text") == "Che":
                    go_on.set()
        assert [event["seq"] for event in seen] == [1, 2, 3, 4]
        assert seen[-1]["response"] == {"status": "COMPLETED", "text": "Chess."}
    ended = [fact for fact in facts if isinstance(fact, OperationEnded)]
    assert ("websocket", "subscription", ()) in [(e.transport, e.kind, e.codes) for e in ended]


async def test_a_socket_that_goes_away_leaves_no_follower_behind(served: Served) -> None:
    models = {"scripted": Scripted(["Che", asyncio.Event()])}
    async with served(models, model="scripted") as client:
        id = await begun_at(url_of(client))
        before = len(asyncio.all_tasks())
        async with socket(client) as one:
            await send(
                one, type="subscribe", id="1", payload={"query": EVENTS, "variables": {"id": id}}
            )
            await received(one)
        async with asyncio.timeout(5):
            while len(asyncio.all_tasks()) > before:  # noqa: ASYNC110  # nobody tells when a task is gone
                await asyncio.sleep(0.01)
