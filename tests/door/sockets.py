"""WebSockets that speak `graphql-transport-ws`, message by message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.credential import AUTHORIZED
from tests.door.conftest import url_of
from tests.responding import EVENTS

PROTOCOL: Any = "graphql-transport-ws"


def address(client: httpx.AsyncClient) -> str:
    return url_of(client).replace("http://", "ws://") + "/graphql"


@asynccontextmanager
async def socket(
    client: httpx.AsyncClient,
    *,
    begun: bool = True,
    init: Mapping[str, Any] = AUTHORIZED,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[ClientConnection]:
    """A socket; `begun`: after its connection_init with this payload. The headers are of its handshake."""
    async with connect(address(client), subprotocols=[PROTOCOL], additional_headers=headers) as one:
        if begun:
            await send(one, type="connection_init", payload=init)
            assert await received(one) == {"type": "connection_ack"}
        yield one


async def send(one: ClientConnection, **message: Any) -> None:
    await one.send(json.dumps(message))


async def received(one: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(5):
        message: dict[str, Any] = json.loads(await one.recv())
        return message


async def closed_with(one: ClientConnection) -> int | None:
    async with asyncio.timeout(5):
        try:
            while True:
                await one.recv()
        except ConnectionClosed:
            return one.close_code


async def subscribe(one: ClientConnection, query: str, id: str = "1", **variables: Any) -> None:
    """Ask under this id; the variables may not be called so."""
    await send(one, type="subscribe", id=id, payload={"query": query, "variables": variables})


async def follow(one: ClientConnection, response: str) -> None:
    """Ask for the events of this response."""
    asked = {"query": EVENTS, "variables": {"id": response}}
    await send(one, type="subscribe", id="1", payload=asked)
