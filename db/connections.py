"""The connections of a process, which are lent again and again.

To take one out of asyncpg's pool and to put it back takes as long as a small statement. So one that comes back in order
goes to whoever waits for one, or is kept for a moment for whoever comes next. The pool sees to all the rest: it makes
connections, replaces broken ones and closes unused ones.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import Any

from db.connection import QuietConnection
from db.errors import Unavailable, reaching, translated

KEPT_SECONDS = 1.0
"""How long a connection that nobody wants is kept out of the pool."""


class Connections:
    """Lends connections of the pool, each to one borrower at a time; whoever waits does so for `patience` seconds."""

    def __init__(self, pool: Any, patience: float) -> None:
        self._pool = pool
        self._patience = patience
        self._most: int = pool.get_max_size()
        self._out = 0
        """How many are out of the pool: lent, or kept."""
        # The one that came back last is at the end, so that those at the beginning come to be unused.
        self._kept: list[tuple[QuietConnection, float]] = []
        # In their turn. One is given a connection, or None when it may take one out of the pool.
        self._waiting: deque[asyncio.Future[QuietConnection | None]] = deque()
        self._tidying: asyncio.Task[None] | None = None
        self._lent_at_once = 0

    def at_hand(self) -> QuietConnection | None:
        """A connection that is in order and that nobody uses, if there is one."""
        while self._kept:
            connection, _ = self._kept.pop()
            if not connection.is_closed():
                self._lent_at_once += 1
                return connection
            self._out -= 1
        return None

    def lent_at_once(self) -> int:
        """How many were at hand when they were wanted, since it was last asked for."""
        lent, self._lent_at_once = self._lent_at_once, 0
        return lent

    async def take(self) -> QuietConnection:
        """One, where none is at hand. Raises `Unavailable` when none is to be had in time."""
        if self._out < self._most:
            return await self._taken_out()
        return await self._waited_for() or await self._taken_out()

    async def _taken_out(self) -> QuietConnection:
        self._out += 1
        try:
            with reaching():
                proxy = await self._pool.acquire(timeout=self._patience)
                connection: QuietConnection = proxy.lent(proxy)
                return connection
        except BaseException:
            self._one_less()
            raise

    async def _waited_for(self) -> QuietConnection | None:
        """The connection of somebody else; None when there is a place for one more."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[QuietConnection | None] = loop.create_future()
        self._waiting.append(turn)
        patience = loop.call_later(self._patience, _give_up, turn)
        try:
            return await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and not turn.exception():
                # It came in the very moment in which it was given up.
                self._handed_on(turn.result())
            raise
        finally:
            patience.cancel()

    def _handed_on(self, connection: QuietConnection | None) -> None:
        if connection is None:
            self._next(None)
        else:
            self.give_back(connection)

    def give_back(self, connection: QuietConnection) -> None:
        """It was taken, and is in order."""
        if self._waiting and connection.is_closed():
            self._one_less()
        elif not (self._waiting and self._next(connection)):
            self._kept.append((connection, monotonic()))
            if self._tidying is None:
                self._tidying = asyncio.create_task(self._tidy())

    async def give_up(self, connection: QuietConnection) -> None:
        """It was taken, and what was done with it may have left it in disorder."""
        try:
            with translated():
                await self._pool.release(connection.proxy)
        finally:
            self._one_less()

    def _one_less(self) -> None:
        self._out -= 1
        self._next(None)

    def _next(self, connection: QuietConnection | None) -> bool:
        """Give it to whoever has waited longest, if there is somebody."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False

    async def _tidy(self) -> None:
        """Put back what nobody wants, until nothing is kept."""
        try:
            # It is looked at after a while only: in between they come and go.
            await asyncio.sleep(KEPT_SECONDS)
            while self._kept:
                while self._kept and self._kept[0][1] < monotonic() - KEPT_SECONDS:
                    connection, _ = self._kept.pop(0)
                    self._out -= 1
                    await self._pool.release(connection.proxy)
                await asyncio.sleep(KEPT_SECONDS)
        finally:
            self._tidying = None

    def counted(self) -> tuple[int, int, int]:
        """How many work just now, are open, and may be open."""
        size: int = self._pool.get_size()
        at_rest = self._pool.get_idle_size() + len(self._kept)
        return size - at_rest, size, self._most

    async def close(self) -> None:
        """Close all, those that are lent once they are back; after two seconds whatever they do."""
        if self._tidying:
            self._tidying.cancel()
        try:
            async with asyncio.timeout(2):
                while self._kept:
                    await self._pool.release(self._kept.pop()[0].proxy)
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


def _give_up(turn: asyncio.Future[QuietConnection | None]) -> None:
    if not turn.done():
        turn.set_exception(Unavailable("Every connection stayed busy."))
