"""Erasing a user: all that is theirs, in one transaction, whatever is being written meanwhile.

Whoever writes for the user needs the row of the user sooner or later. An erasure waits for those who write, in the
order in which they lock, until it has that row for itself; whoever comes then finds no user. Should it and a writer
wait for each other all the same, the erasure gives way and begins again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db import response_endings, semantic_indexes
from db.errors import Contended, Missing, StoreError
from db.notifications import NEWS, STOP
from db.pool import Database, Session
from db.records import Response
from db.response_endings import CANCELLED

TABLES = (
    # What a writer may hold while it waits for the user.
    "idempotency_keys",
    "conversation_growth",
    "response_events",
    "responses",
    # Each row before what it belongs to.
    "context_versions",
    "context_embeddings",
    "contexts",
    # A change to a context queues it; from here on there is none left to change.
    "unembedded",
    "conversations",
    "api_keys",
)
"""Every table with rows of a user, in the order in which they go. Only the audit trail stays: it holds ids."""

COUNT_ALL = " union all ".join(
    f"select '{table}' as name, count(*) as count from {table} where user_id = $1"
    for table in TABLES
)


def erase_statement(table: str) -> str:
    """`$1` user id."""
    return f"""
with gone as (delete from {table} where user_id = $1 returning user_id)
select count(*) as count from gone
"""


# From here on no response begins. Other writers go on.
RESERVE = "select id, now() as at from users where id = $1 for no key update"

# Whoever generates these is told, once all is erased.
STOP_ALL = f"""
select pg_notify('{STOP}', r.id::text), pg_notify('{NEWS}', r.id::text)
from (
    select id from responses
    where user_id = $1 and status in ('PENDING', 'STREAMING')
    order by id
    for update
) r
"""

# Whoever adds a turn locks this before the user.
LOCK_GROWTH = """
select conversation_id from conversation_growth where user_id = $1 order by conversation_id for update
"""

LOCK = "select id from users where id = $1 for update"

EXISTS = "select id from users where id = $1"

ERASE_USER = "delete from users where id = $1"

UNFINISHED = """
select id from responses where user_id = $1 and status in ('PENDING', 'STREAMING') order by id
"""

# For this transaction alone. To give way comes sooner than PostgreSQL looks for those who wait in a circle.
TIMEOUTS = """
select set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)
"""

STATEMENT_SECONDS = 600
"""How long one of the statements may take: a user may have very many rows."""

WAIT_SECONDS = 0.5
"""How long an erasure waits for somebody else's rows before it gives way."""

ATTEMPTS = 20

PAUSE_SECONDS = 0.05
"""Between two attempts, longer each time."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows went from each table, and when. Nothing of what they held."""

    counts: Mapping[str, int]
    at: datetime


async def counted(db: Database, user_id: UUID) -> dict[str, int]:
    """How many rows there are of a user, by table. Raises `Missing`."""
    async with db.session() as session:
        if await session.fetchrow(EXISTS, user_id) is None:
            raise Missing("user")
        rows = await session.fetch(COUNT_ALL, user_id)
    return {row["name"]: row["count"] for row in rows} | {"users": 1}


async def erase(
    db: Database, user_id: UUID, tell: Callable[[Response], None] = lambda _: None
) -> Erased:
    """Erase all there is of a user, for good. What is being generated ends first, and each of these is told.

    Raises `Missing`, and `Contended` if others never cease to write for this user.
    """
    for response in await _ended(db, user_id):
        tell(response)
    erased = await _once_alone(db, user_id)
    # The erasure stands. An index that cannot be dropped now is dropped by whoever looks after indexes.
    with suppress(StoreError):
        await semantic_indexes.drop_of(db, user_id)
    return erased


async def _once_alone(db: Database, user_id: UUID) -> Erased:
    for attempt in range(ATTEMPTS):
        with suppress(Contended):
            return await _erased(db, user_id)
        await asyncio.sleep(PAUSE_SECONDS * (attempt + 1))
    raise Contended("the user is being written")


async def _ended(db: Database, user_id: UUID) -> list[Response]:
    """End what is being generated, wherever, so that whoever follows hears of its end."""
    ended = [
        await response_endings.end(db, user_id, row["id"], CANCELLED)
        for row in await db.fetch(UNFINISHED, user_id)
    ]
    return [response for response in ended if response]


async def _erased(db: Database, user_id: UUID) -> Erased:
    async with db.transaction() as session:
        await session.fetch(TIMEOUTS, f"{STATEMENT_SECONDS}s", f"{WAIT_SECONDS * 1000:.0f}ms")
        user = await session.fetchrow(RESERVE, user_id)
        if user is None:
            raise Missing("user")
        for lock in (STOP_ALL, LOCK_GROWTH, LOCK):
            await session.fetch(lock, user_id)
        counts = {table: await _gone(session, table, user_id) for table in TABLES}
        await session.fetch(ERASE_USER, user_id)
        counts["users"] = 1
    return Erased(counts, user["at"])


async def _gone(session: Session, table: str, user_id: UUID) -> int:
    row = await session.fetchrow(erase_statement(table), user_id)
    return int(row["count"]) if row else 0
