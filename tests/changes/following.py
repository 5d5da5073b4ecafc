"""Following the contexts of a user as a client does, over either transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from api.app import app_on
from api.models import MODELS
from api.observe import Fact, Faulted
from api.schema.cursor import encoded, list_id
from api.schema.identity import Kind, global_id
from api.server import Server
from api.settings import Settings
from db import context_changes
from db.paging import TimeKey
from db.pool import Access, Database
from db.scope import NOBODY
from tests.credential import AUTHORIZED
from tests.serving import address_of, listening
from tests.waiting import until
from tests.watching import told_over_event_stream, told_over_websocket

CHANGES = """
subscription Changes($user: ID!, $after: String) {
  contextChanges(userId: $user, after: $after) {
    cursor change context { id version isActive content }
  }
}
"""

Transport = Callable[..., AsyncGenerator[dict[str, Any], None]]

TRANSPORTS: dict[str, Transport] = {
    "websocket": told_over_websocket,
    "sse": told_over_event_stream,
}


@dataclass(slots=True)
class Served:
    """A server in the loop of the test; `looks` are the looks that it has taken for those who follow."""

    url: str
    server: Server
    facts: list[Fact]
    looks: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[Fact]:
        return [fact for fact in self.facts if isinstance(fact, Faulted)]


@asynccontextmanager
async def served(reached: Access, **knobs: Any) -> AsyncIterator[Served]:
    facts: list[Fact] = []
    looks: list[str] = []

    def sent(statement: str) -> None:
        if statement == context_changes.LOOK:
            looks.append(statement)

    settings = Settings(_env_file=None, shutdown_grace=0, **knobs)
    store = replace(reached, on_statement=sent)
    app = app_on(settings, store, models=MODELS, observe=facts.append)
    async with listening(app, settings) as uvicorn:
        yield Served(address_of(uvicorn), uvicorn.lifespan.state["server"], facts, looks)


def id_of(user: UUID) -> str:
    return global_id(Kind.User, user, user)


async def cursor_of_now(db: Database, user: UUID) -> str:
    """Whoever resumes from it is told all that is written from now on."""
    row = await db.fetchrow("select clock_timestamp() as now")
    assert row is not None
    place = TimeKey(row["now"], NOBODY)
    return encoded(list_id("Subscription.contextChanges", user), place)


@dataclass(slots=True)
class Follower:
    """What one is told who follows, as it comes."""

    task: asyncio.Task[None]
    seen: list[dict[str, Any]]

    @property
    def told(self) -> list[tuple[str, str, int]]:
        """Of each change its kind, what the text of the context begins with, and its version."""
        return [
            (one["change"], one["context"]["content"]["text"], one["context"]["version"])
            for one in self.seen
        ]

    @property
    def cursor(self) -> str:
        return str(self.seen[-1]["cursor"])

    async def until(self, many: int) -> list[tuple[str, str, int]]:
        """What it was told, once it is so much."""
        await until(lambda: len(self.seen) >= many or self.task.done(), seconds=20)
        if self.task.done():
            self.task.result()
        return self.told


@asynccontextmanager
async def following(
    transport: Transport,
    url: str,
    user: UUID,
    after: str | None,
    credential: Mapping[str, str] = AUTHORIZED,
) -> AsyncIterator[Follower]:
    """Follow for the length of the block."""
    seen: list[dict[str, Any]] = []
    asked = {"query": CHANGES, "variables": {"user": id_of(user), "after": after}}

    async def follow() -> None:
        async with aclosing(transport(url, asked, credential)) as told:
            async for data in told:
                seen.append(data["contextChanges"])  # noqa: PERF401  # others look at it meanwhile

    task = asyncio.create_task(follow())
    try:
        yield Follower(task, seen)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await task
