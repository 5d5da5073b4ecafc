"""The connections of a process, which are lent again and again.

To take one out of asyncpg's pool and to put it back takes as long as a small statement. So one that comes back in order
is kept for whoever comes next, for a moment; the pool sees to all the rest: that there are never too many, that those
who wait are served in their turn, that broken ones are replaced and unused ones closed.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

import asyncpg

from db.errors import reaching, translated

KEPT_SECONDS = 1.0
"""How long a connection that nobody wants is kept out of the pool."""


class Connections:
    """Lends connections of the pool, each to one borrower at a time; whoever waits does so for `patience` seconds."""

    def __init__(self, pool: Any, patience: float) -> None:
        self._pool = pool
        self._patience = patience
        # The one that came back last is at the end, so that those at the beginning come to be unused.
        self._kept: list[tuple[Any, float]] = []
        self._waiting = 0
        self._tidying: asyncio.Task[None] | None = None

    async def take(self) -> Any:
        """A connection that is in order. Raises `Unavailable` when none is to be had in time."""
        while self._kept:
            connection, _ = self._kept.pop()
            if not _is_lost(connection):
                return connection
        self._waiting += 1
        try:
            with reaching():
                return await self._pool.acquire(timeout=self._patience)
        finally:
            self._waiting -= 1

    async def give_back(self, connection: Any, *, in_order: bool) -> None:
        """It was taken. What was done with it may have left it in disorder, or it is wanted elsewhere."""
        if not in_order or self._waiting or _is_lost(connection):
            with translated():
                await self._pool.release(connection)
            return
        self._kept.append((connection, monotonic()))
        if self._tidying is None:
            self._tidying = asyncio.create_task(self._tidy())

    async def _tidy(self) -> None:
        """Put back what nobody wants, until nothing is kept."""
        try:
            # It is looked at after a while only: in between they come and go.
            await asyncio.sleep(KEPT_SECONDS)
            while self._kept:
                while self._kept and self._kept[0][1] < monotonic() - KEPT_SECONDS:
                    await self._pool.release(self._kept.pop(0)[0])
                await asyncio.sleep(KEPT_SECONDS)
        finally:
            self._tidying = None

    def counted(self) -> tuple[int, int, int]:
        """How many work just now, are open, and may be open."""
        size: int = self._pool.get_size()
        at_rest = self._pool.get_idle_size() + len(self._kept)
        return size - at_rest, size, self._pool.get_max_size()

    async def close(self) -> None:
        """Close all, those that are lent once they are back; after two seconds whatever they do."""
        if self._tidying:
            self._tidying.cancel()
        try:
            async with asyncio.timeout(2):
                while self._kept:
                    await self._pool.release(self._kept.pop()[0])
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


def _is_lost(connection: Any) -> bool:
    """Whether it has come to its end; the pool has seen that by itself, and has taken it back."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True
