"""Holding up what the server asks of the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg

AT_WORK = r"""
select count(*) from pg_stat_activity
where datname = current_database() and application_name = 'contextql' and state = 'active'
    -- Who asks, reads; what runs by itself, writes.
    and query ~ ('^\s*select.*' || $1)
"""


class Held:
    """A table that nobody else may read or write. `looking` is a connection apart from the one that holds it."""

    def __init__(self, looking: asyncpg.Connection, table: str) -> None:
        self._looking, self._table = looking, table

    async def waited_for(self, least: int = 1) -> None:
        """Returns when so many statements of the server wait for the table."""
        await self._until(lambda statements: statements >= least)

    async def left(self) -> None:
        """Returns when none does."""
        await self._until(lambda statements: statements == 0)

    async def _until(self, holds: Callable[[int], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds(await self._looking.fetchval(AT_WORK, self._table)):  # noqa: ASYNC110
                await asyncio.sleep(0.01)  # nobody tells


@asynccontextmanager
async def held(url: str, table: str) -> AsyncIterator[Held]:
    holding, looking = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        async with holding.transaction():
            await holding.execute(f"lock table {table} in access exclusive mode")
            yield Held(looking, table)
    finally:
        await holding.close()
        await looking.close()
