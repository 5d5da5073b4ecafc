"""The same over a WebSocket and as an event stream: a coded error, or the end of that one socket, and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from api.observe import Fact
from tests.door.attacks.judging import SOON, faults, sent, wrong_with
from tests.door.attacks.test_documents import REFUSED
from tests.door.sockets import send, socket
from tests.watching import frames

EVENT = 'subscription { responseEvents(id: "a") { __typename } }'
NAMED = "query($v: ID!) { node(id: $v) { id } }"


def subscribed(payload: Any, id: str = '"1"') -> str:
    return f'{{"type": "subscribe", "id": {id}, "payload": {json.dumps(payload)}}}'


MESSAGES: Mapping[str, str | bytes] = {
    "nothing": "",
    "no JSON": "{",
    "bytes": b"\x00\xff",
    "bytes of JSON": b'{"type": "ping"}',
    "a list": "[]",
    "a list as deep as it gets": "[" * 100_000,
    "an object as deep as it gets": '{"payload":' * 50_000 + "1" + "}" * 50_000,
    "two types": '{"type": "ping", "type": 7}',
    "a type of the language": '{"type": "__proto__"}',
    "a type of a handler": '{"type": "handle_message"}',
    "an old type": '{"type": "start", "id": "1", "payload": {"query": "{ __typename }"}}',
    "half a character": '{"type": "\\ud800"}',
    "U+0000": '{"type": "\\u0000"}',
    "NaN": '{"type": "ping", "payload": {"a": NaN}}',
    "an id without end": subscribed({"query": "{ __typename }"}, '"' + "x" * 10_000 + '"'),
    "an id that is a list": subscribed({"query": "{ __typename }"}, "[]"),
    "a query that is a list": subscribed({"query": ["{ __typename }"]}),
    "variables that are a list": subscribed({"query": "{ __typename }", "variables": [1]}),
    "extensions that are text": subscribed({"query": "{ __typename }", "extensions": "x"}),
    "no payload": '{"type": "subscribe", "id": "1"}',
    "a message without end": subscribed({"query": "{ __typename } #" + "x" * 2_000_000}),
    "a second beginning": '{"type": "connection_init"}',
    "an id that is taken": '{"type": "complete"}',
}  # fmt: skip

VARIABLES: Mapping[str, Any] = {
    "U+0000": "\x00",
    "nothing": "",
    "a list": [["a"]],
    "an object": {"a": {}},
    "a number beyond all": 2**63 - 1,
    "null": None,
    "without end": "A" * 100_000,
}


async def told(one: ClientConnection) -> tuple[list[Any], int | None]:
    """The errors that are said of the operation, until its end; the code that the socket was closed with, if it was."""
    errors: list[Any] = []
    try:
        async with asyncio.timeout(SOON):
            while True:
                message = json.loads(await one.recv())
                if message["type"] == "error":
                    return message["payload"], None
                if message["type"] == "complete":
                    return errors, None
                errors += message.get("payload", {}).get("errors", [])
    except ConnectionClosed:
        return errors, one.close_code


async def test_a_message_that_is_none_ends_its_socket_and_no_other(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    found = {}
    async with socket(client) as other:
        for name, message in MESSAGES.items():
            async with socket(client) as one:
                await one.send(message)
                errors, code = await told(one)
            if code is None or not (4400 <= code < 4500 or code == 1009) or errors:
                found[name] = code, errors
        await send(other, type="ping")
        assert json.loads(await other.recv())["type"] == "pong"
    assert found == {}
    assert not faults(facts)


async def test_a_hostile_document_is_refused_over_a_socket_too(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    found = {}
    async with socket(client) as one:
        for name, document in REFUSED.items():
            await one.send(subscribed({"query": document}))
            errors, code = await told(one)
            if not errors or code or [wrong for error in errors for wrong in wrong_with(error)]:
                found[name] = code, errors
    assert found == {}
    assert not faults(facts)


async def test_a_hostile_variable_is_refused_over_a_socket_too(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    followed = EVENT.replace("{ r", "($v: ID!) { r", 1).replace('"a"', "$v")
    async with socket(client) as one:
        for name, value in VARIABLES.items():
            for query in (NAMED, followed):
                await one.send(subscribed({"query": query, "variables": {"v": value}}))
                errors, code = await told(one)
                assert code is None, name
                assert not [wrong for error in errors for wrong in wrong_with(error)], name
    assert not faults(facts)


async def test_two_thousand_operations_on_a_socket_are_refused_or_answered(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    async with socket(client) as one:
        for number in range(2_000):
            await one.send(subscribed({"query": "{"}, f'"{number}"'))
        for _ in range(2_000):
            errors, code = await told(one)
            assert code is None
            assert not [wrong for error in errors for wrong in wrong_with(error)]
    assert not faults(facts)


async def test_a_hostile_document_is_refused_in_an_event_stream_too(
    client: httpx.AsyncClient, facts: list[Fact]
) -> None:
    found = {}
    for name, document in {**REFUSED, "an id that is none": EVENT}.items():
        asked = {"json": {"query": document}, "headers": {"Accept": "text/event-stream"}}
        response = await sent(client, asked)
        events = frames(response.text)
        errors = [error for _, _, data in events if data for error in json.loads(data)["errors"]]
        wrong = [wrong for error in errors for wrong in wrong_with(error)]
        if not errors or wrong or response.status_code != 200 or events[-1][0] != "complete":
            found[name] = wrong or response.text[:200]
    assert found == {}
    assert not faults(facts)
