"""Watching a response as a client does, over either transport, and being cut off at will."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.credential import AUTHORIZED
from tests.responding import EVENTS, START
from tests.serving import TRUSTING_NOBODY

Event = dict[str, Any]
Watch = Callable[[str, str, int], AsyncIterator[Event]]
"""From the address of a server, the id of a response and the last event seen: the events that follow."""


class CutOff(Exception):
    """The connection ended before the stream did."""


class Refused(Exception):
    """The server answered with errors: they are the argument."""


def frames(text: str) -> list[tuple[str, str, str]]:
    """The event, id and data of each frame of an event stream; comments are left out."""
    found = []
    for frame in text.split("\n\n"):
        fields = dict(line.split(":", 1) for line in frame.splitlines() if line and line[0] != ":")
        if fields:
            told = (fields.get(name, "").strip() for name in ("event", "id", "data"))
            found.append(tuple(told))
    return found  # type: ignore[return-value]  # three each


async def over_event_stream(url: str, id: str, after: int = 0) -> AsyncIterator[Event]:
    asked = {"query": EVENTS, "variables": {"id": id, "after": after}}
    async with aclosing(told_over_event_stream(url, asked)) as told:
        async for data in told:
            yield data["responseEvents"]


async def over_websocket(url: str, id: str, after: int = 0) -> AsyncIterator[Event]:
    asked = {"query": EVENTS, "variables": {"id": id, "after": after}}
    async with aclosing(told_over_websocket(url, asked)) as told:
        async for data in told:
            yield data["responseEvents"]


async def told_over_event_stream(
    url: str, asked: Mapping[str, Any], credential: Mapping[str, str] = AUTHORIZED
) -> AsyncGenerator[dict[str, Any], None]:
    """The data of each result. Raises `CutOff` and `Refused`."""
    headers = {"Accept": "text/event-stream", **credential}
    try:
        async with (
            httpx.AsyncClient(base_url=url, timeout=30, verify=TRUSTING_NOBODY) as client,
            client.stream("POST", "/graphql", json=asked, headers=headers) as answer,
        ):
            frame = ""
            async for line in answer.aiter_lines():
                frame += line + "\n"
                if line:
                    continue
                for kind, _, data in frames(frame):
                    if kind == "complete":
                        return
                    yield _data(json.loads(data))
                frame = ""
    except httpx.TransportError as error:
        raise CutOff from error
    raise CutOff


async def told_over_websocket(
    url: str, asked: Mapping[str, Any], credential: Mapping[str, str] = AUTHORIZED
) -> AsyncGenerator[dict[str, Any], None]:
    """The same, over a socket of its own."""
    protocol: Any = "graphql-transport-ws"
    address = url.replace("http://", "ws://") + "/graphql"
    try:
        async with connect(address, subprotocols=[protocol]) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": credential}))
            await socket.recv()
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": asked}))
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "complete":
                    return
                if message["type"] == "error":
                    raise Refused(message["payload"])
                yield _data(message["payload"])
    except (ConnectionClosed, OSError) as error:
        raise CutOff from error
    raise CutOff


def _data(payload: dict[str, Any]) -> dict[str, Any]:
    if errors := payload.get("errors"):
        raise Refused(errors)
    data: dict[str, Any] = payload["data"]
    return data


WATCHES: dict[str, Watch] = {"websocket": over_websocket, "sse": over_event_stream}


async def watched(
    watch: Watch, url: str, id: str, *, after: int = 0, most: int | None = None
) -> list[Event]:
    """What is seen until the end, or until so many events were seen and the client leaves."""
    seen: list[Event] = []
    async with aclosing(watch(url, id, after)) as events:  # type: ignore[type-var]  # they are generators
        async for event in events:
            seen.append(event)
            if len(seen) == most:
                break
    return seen


async def resumed(watch: Watch, first: str, then: str, id: str) -> list[Event]:
    """What one sees who follows on one server until it sends him away, and then on another."""
    seen: list[Event] = []
    closed = 1012  # SSE has no code to close with
    try:
        async for event in watch(first, id, 0):
            seen.append(event)  # noqa: PERF401  # what came before the cut counts
    except CutOff as cut:
        if isinstance(cut.__cause__, ConnectionClosed) and cut.__cause__.rcvd:
            closed = cut.__cause__.rcvd.code
        seen += await watched(watch, then, id, after=seen[-1]["seq"] if seen else 0)
    assert closed == 1012
    return seen


async def ask(url: str, query: str, **variables: Any) -> Any:
    """The data of an answer over HTTP that has to be without errors."""
    async with httpx.AsyncClient(headers=AUTHORIZED, timeout=30, verify=TRUSTING_NOBODY) as client:
        answer = await client.post(f"{url}/graphql", json={"query": query, "variables": variables})
    assert "errors" not in answer.json(), answer.text
    return answer.json()["data"]


async def begun_at(url: str, message: str = "?") -> str:
    """The id of a response that was started there."""
    upsert = 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'
    user = (await ask(url, upsert))["upsertUser"]["user"]["id"]
    started = await ask(url, START, input={"userId": user, "message": message})
    return str(started["startResponse"]["response"]["id"])
