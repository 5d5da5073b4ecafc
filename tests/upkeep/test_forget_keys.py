"""Keys that nobody will use again are forgotten; the others stay."""

from __future__ import annotations

import asyncio

import pytest

from api.upkeep import forget_keys
from db.pool import Database
from tests.making import a_user

DAY = 86_400.0

USED = """
insert into idempotency_keys (user_id, key, operation, input_hash, result, created_at)
select $1, 'key ' || n, 'createContext', '', '[]', now() - make_interval(hours => n)
from generate_series(1, $2) n
"""


async def left(db: Database) -> int:
    row = await db.fetchrow("select count(*) from idempotency_keys")
    assert row is not None
    return int(row[0])


async def test_what_is_older_than_its_time_is_forgotten_in_steps(
    db: Database, statements: list[str]
) -> None:
    user = await a_user(db)
    await db.fetch(USED, user.id, 2_500)
    statements.clear()
    await forget_keys.forget_keys(db, DAY)
    assert len(statements) == 3
    assert await left(db) == 23


@pytest.mark.whole_pool
async def test_several_processes_forget_side_by_side(db: Database) -> None:
    user = await a_user(db)
    await db.fetch(USED, user.id, 2_500)
    async with asyncio.timeout(10):
        await asyncio.gather(*(forget_keys.forget_keys(db, DAY) for _ in range(4)))
    assert await left(db) == 23
