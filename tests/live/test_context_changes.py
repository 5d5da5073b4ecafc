"""Following the contexts of a user over several server processes, and over their end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from db import context_writes
from db.pool import Database
from tests.changes.following import (
    TRANSPORTS,
    Follower,
    Transport,
    cursor_of_now,
    following,
    id_of,
)
from tests.making import a_user, knowledge
from tests.processes import paced_server
from tests.waiting import until
from tests.watching import CutOff, ask

STORE = """
mutation ($user: ID!, $content: JSON!) {
  createContext(input: { userId: $user, contextType: "knowledge", content: $content }) { context { id } }
}
"""

both = pytest.mark.parametrize("transport", TRANSPORTS.values(), ids=TRANSPORTS)


@both
@pytest.mark.whole_pool
async def test_what_is_written_at_one_process_is_told_at_the_other(
    database_url: str, db: Database, transport: Transport
) -> None:
    ada = (await a_user(db)).id
    cursor = await cursor_of_now(db, ada)
    with paced_server(database_url) as a, paced_server(database_url) as b:
        async with (
            following(transport, a.address, ada, cursor) as at_a,
            following(transport, b.address, ada, cursor) as at_b,
        ):
            for server, text in ((a, "at a"), (b, "at b")):
                await ask(server.address, STORE, user=id_of(ada), content={"text": text})
            for follower in (at_a, at_b):
                told = await follower.until(2)
                assert sorted(told) == [("CREATED", "at a", 1), ("CREATED", "at b", 1)]


class Writer:
    """Writes one context after the other."""

    def __init__(self, db: Database, user: UUID) -> None:
        self._db = db
        self._user = user
        self._stop = asyncio.Event()
        self.written: set[str] = set()

    async def write(self) -> None:
        while not self._stop.is_set():
            text = f"fact {len(self.written)}"
            await context_writes.create(self._db, self._user, knowledge(text))
            self.written.add(text)
            await asyncio.sleep(0.02)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.write())
            try:
                yield
            finally:
                self._stop.set()


def texts(follower: Follower) -> set[str]:
    return {text for _, text, _ in follower.told}


@both
async def test_nothing_is_missing_after_a_restart_of_the_server(
    database_url: str, db: Database, transport: Transport
) -> None:
    ada = (await a_user(db)).id
    cursor = await cursor_of_now(db, ada)
    writer = Writer(db, ada)
    seen: set[str] = set()
    async with writer.writing():
        for is_killed in (False, True):
            with paced_server(database_url, SHUTDOWN_GRACE="0") as server:
                async with following(transport, server.address, ada, cursor) as follower:
                    await follower.until(5)
                    await asyncio.to_thread(server.killed if is_killed else server.stopped)
                    with pytest.raises(CutOff):
                        await asyncio.wait_for(follower.task, 10)
                    cursor = follower.cursor
                    seen |= texts(follower)
    with paced_server(database_url) as server:
        async with following(transport, server.address, ada, cursor) as follower:
            await until(lambda: seen | texts(follower) == writer.written)
