"""The limit: an ASGI function that has PostgreSQL write each answer in one statement. No GraphQL, nobody is checked.

It is asked at `/Q1` and so on, with the same bodies as the GraphQL servers, of which it reads the variables.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from tests.bench.peers import statements

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Variables = dict[str, Any]

TYPENAME = b'{"data":{"__typename":"Query"}}'


class Quiet(asyncpg.Connection):
    """Nothing is reset on release: nothing is set."""

    def get_reset_query(self) -> str:
        return ""


class Raw:
    """The application. What it holds is there once its lifespan has begun."""

    pool: Any
    namespace: UUID

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        variables = orjson.loads(await _body(receive)).get("variables") or {}
        body = await self._answer(scope["path"][1:], variables)
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.pool = await asyncpg.create_pool(
            os.environ["DATABASE_URL"],
            min_size=1,
            max_size=8,
            connection_class=Quiet,
            server_settings={
                "jit": "off",
                "max_parallel_workers_per_gather": "0",
                "timezone": "UTC",
                # Otherwise a page after a cursor is planned anew each time, which takes as long as to read it.
                "plan_cache_mode": "force_generic_plan",
            },
        )
        self.namespace = await self.pool.fetchval("select namespace from deployment")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, workload: str, variables: Variables) -> bytes:
        if workload == "Q8":
            return TYPENAME
        statement, arguments = statements.ASKED[workload]
        text: str = await self.pool.fetchval(statement, *arguments(self.namespace, variables))
        return text.encode()


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message["body"]
    while message["more_body"]:
        message = await receive()
        body += message["body"]
    return body


app = Raw()
