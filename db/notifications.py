"""News from PostgreSQL: one listening connection for the whole process, however many wait.

A notification says only that there is news. What it is, whoever hears of it reads from the tables.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from db.errors import Unavailable, reaching
from db.pool import Database

NEWS = "contextql_response"
"""The channel that names a response which has a new event."""

STOP = "contextql_stop"
"""The channel that names a response which was ended from outside: whoever generates it may stop."""

LISTENING = "contextql listening"

PULSE = "contextql_pulse"
"""The channel on which a process hears itself, to learn how long news takes."""

RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Ears:
    """Who is told what. Each must return at once and not raise."""

    news: Callable[[UUID], None]
    stop: Callable[[UUID], None]
    lost: Callable[[str], None]
    """The connection went away, and why."""
    back: Callable[[], None]
    """There is one again. Nobody knows what was missed."""
    pulse: Callable[[str], None] = lambda _: None
    """A process has sent this word on the channel `PULSE`."""


class Listener:
    """The listening connection, made anew whenever it is lost."""

    def __init__(self, url: str, ears: Ears) -> None:
        self._url = url
        self._ears = ears
        self.is_listening = False
        """Whether the connection stands just now."""

    async def connect(self) -> Any:
        """Listen from now on. Raises `Unavailable`."""
        with reaching():
            # By this name the processes that serve are counted.
            named = {"application_name": LISTENING}
            connection = await asyncpg.connect(self._url, timeout=10, server_settings=named)
            await connection.add_listener(NEWS, lambda *told: self._ears.news(UUID(told[-1])))
            await connection.add_listener(STOP, lambda *told: self._ears.stop(UUID(told[-1])))
            await connection.add_listener(PULSE, lambda *told: self._ears.pulse(str(told[-1])))
        self.is_listening = True
        return connection

    async def keep(self, connection: Any) -> None:
        """Listen for ever."""
        while True:
            try:
                await _until_lost(connection)
            finally:
                self.is_listening = False
                connection.terminate()
            self._ears.lost("the listening connection was closed")
            connection = await self._connect_again()
            self._ears.back()

    async def _connect_again(self) -> Any:
        while True:
            try:
                return await self.connect()
            except Unavailable:
                await asyncio.sleep(RETRY_SECONDS)


async def _until_lost(connection: Any) -> None:
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _: lost.set())
    if not connection.is_closed():
        await lost.wait()


@asynccontextmanager
async def listening(url: str, ears: Ears) -> AsyncIterator[Listener]:
    """Listen for the length of the block; the first connection is made before it begins."""
    listener = Listener(url, ears)
    keeper = asyncio.create_task(listener.keep(await listener.connect()))
    try:
        yield listener
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper


SEND_PULSE = f"select pg_notify('{PULSE}', $1)"


async def send_pulse(db: Database, word: str) -> None:
    """Tell every process this word, our own too."""
    await db.fetch(SEND_PULSE, word)
