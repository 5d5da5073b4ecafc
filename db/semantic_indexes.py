"""An index over the embeddings of a user who has very many: made and dropped on a connection of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from db.errors import reaching, translated
from db.pool import Database
from db.semantic import MOST_DIMENSIONS, index_name

MOST_INDEXES = 50
"""Every plan over the table looks at each of them, so only the largest users have one."""

INDEX_LOCK = 0x6E656172
"""Held by the one process that makes or drops indexes."""

LARGE = """
select e.user_id, e.model, m.dimensions, count(*) as count
from context_embeddings e join embedding_models m on m.model = e.model and not m.is_forgotten
where m.dimensions <= $2
group by e.user_id, e.model, m.dimensions
having count(*) > $1
order by count(*) desc
"""

STANDING = """
select c.relname as name, i.indisvalid as is_valid
from pg_index i join pg_class c on c.oid = i.indexrelid
where i.indrelid = 'context_embeddings'::regclass and starts_with(c.relname, 'near_')
"""


OF_USER = """
select c.relname as name
from pg_index i join pg_class c on c.oid = i.indexrelid
where i.indrelid = 'context_embeddings'::regclass and starts_with(c.relname, 'near_')
    and right(c.relname, 32) = $1
"""


@dataclass(frozen=True, slots=True)
class LargeUser:
    user_id: UUID
    model: str
    dimensions: int
    count: int

    @property
    def index(self) -> str:
        return index_name(self.user_id, self.model)


class Indexing:
    """What can be done about indexes while nobody else does it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def large_users(self, more_than: int) -> list[LargeUser]:
        """Who has more embeddings by one model than that, the largest first."""
        with translated():
            rows = await self._connection.fetch(LARGE, more_than, MOST_DIMENSIONS)
        return [LargeUser(*row) for row in rows]

    async def standing(self) -> dict[str, bool]:
        """The indexes there are, by name: whether each is whole."""
        with translated():
            return {row["name"]: row["is_valid"] for row in await self._connection.fetch(STANDING)}

    async def make(self, user: LargeUser) -> None:
        # The values of an index's predicate cannot be bound.
        model = await self._connection.fetchval("select quote_literal($1::text)", user.model)
        await self._run(
            f"create index concurrently {user.index} on context_embeddings "
            f"using hnsw ((embedding::halfvec({user.dimensions:d})) halfvec_cosine_ops) "
            f"where user_id = '{user.user_id}' and model = {model}"
        )

    async def drop(self, name: str) -> None:
        await self._run(f'drop index concurrently if exists "{name}"')

    async def _run(self, statement: str) -> None:
        with translated():
            await self._connection.execute(statement)


@asynccontextmanager
async def indexing(url: str) -> AsyncIterator[Indexing | None]:
    """The right to make and drop indexes; None when another process has it. Nothing here is in a hurry."""
    with reaching():
        connection = await asyncpg.connect(
            url,
            timeout=10,
            server_settings={
                "application_name": "contextql indexing",
                "statement_timeout": "0",
                "maintenance_work_mem": "256MB",
            },
        )
    try:
        alone = await connection.fetchval("select pg_try_advisory_lock($1)", INDEX_LOCK)
        yield Indexing(connection) if alone else None
    finally:
        # With the connection goes the lock. What was cancelled is waited for: PostgreSQL would go on with it.
        with suppress(TimeoutError, OSError):
            await connection.close(timeout=5)


async def drop_of(db: Database, user_id: UUID) -> None:
    """Drop the indexes over a user's embeddings. Whoever is making indexes just now drops them next time."""
    names = [row["name"] for row in await db.fetch(OF_USER, user_id.hex)]
    if not names:
        return
    async with indexing(db.access.url) as indexes:
        if indexes is None:
            return
        for name in names:
            await indexes.drop(name)
