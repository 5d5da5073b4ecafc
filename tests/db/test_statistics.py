"""What there is in the store, counted where it is small and estimated where it is large."""

from __future__ import annotations

import asyncpg
import pytest

from db import context_writes, erasure, statistics
from db.pool import Database
from db.scope import Scope, Unscoped
from db.statistics import LARGEST_COUNTED, LARGEST_SAMPLED, STATISTICS
from tests.making import a_user, knowledge

RATED = """
with talk as (insert into conversations (user_id, id) values ($1, $1) returning user_id, id)
insert into responses (
    user_id, id, conversation_id, message, model, budget, status, completed_at, rating, rated_at
)
select user_id, gen_random_uuid(), id, '?', 'm', 1, 'COMPLETED', now(),
    case when n % 10 = 0 then 1 + n / 10 % 5 end, case when n % 10 = 0 then now() end
from talk cross join generate_series(1, 5000) n
"""


async def filled(db: Database, *sizes: int) -> None:
    for number, size in enumerate(sizes):
        someone = await a_user(db, f"user {number}")
        await context_writes.create_many(db, someone.id, [knowledge("Chess.")] * size)


async def test_a_small_store_is_counted(db: Database) -> None:
    await filled(db, 30, 10)
    found = await statistics.measured(db)
    assert (found.users, found.contexts, found.responses) == (2, 40, 0)
    assert not found.is_estimated


async def test_a_large_one_is_estimated_also_where_it_has_grown_since_it_was_looked_at(
    db: Database,
) -> None:
    await filled(db, 500, 300)
    await db.fetch("analyze")
    found = await statistics.measured(db, exact_below=500)
    assert found.is_estimated
    assert found.users == 2
    assert found.contexts == 800
    await filled(db, 500, 300)
    found = await statistics.measured(db, exact_below=500)
    assert abs(found.contexts - 1600) < 80


async def test_what_was_never_looked_at_is_counted(db: Database) -> None:
    await db.fetch("alter table contexts set (autovacuum_enabled = off)")
    await filled(db, 20)
    assert (await statistics.measured(db, exact_below=10)).contexts == 20


@pytest.mark.parametrize("exact_below", [10, 100_000])
async def test_the_largest_are_found_by_counting_and_by_the_sample(
    db: Database, exact_below: int
) -> None:
    await filled(db, 5, 400, 30, 100)
    await db.fetch("analyze")
    found = await statistics.largest(db, 2, exact_below)
    assert [one.contexts for one in found] == [400, 100]
    assert all(one.bytes > 10 * one.contexts for one in found)


async def test_where_nobody_stands_out_the_sample_names_nobody(db: Database) -> None:
    await filled(db, *[1] * 60)
    await db.fetch("analyze")
    assert await statistics.largest(db, exact_below=10) == []


async def test_a_user_who_was_erased_is_left_out_of_the_sample(db: Database) -> None:
    await filled(db, 200, 100)
    await db.fetch("analyze")
    await erasure.erase(db, (await a_user(db, "user 0")).id)
    assert [one.contexts for one in await statistics.largest(db, exact_below=10)] == [100]


async def test_the_average_reads_what_is_rated_and_nothing_else(
    db: Database, database_url: str
) -> None:
    ada = await a_user(db)
    await db.fetch(RATED, ada.id)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("vacuum analyze responses")
        plan = await (await connection.prepare(STATISTICS)).explain(100)
    finally:
        await connection.close()
    assert "responses_by_rating" in str(plan)
    found = await statistics.measured(db)
    assert found.average_rating == 3


async def test_nobody_but_the_system_may_ask(db: Database) -> None:
    ada = await a_user(db)
    own = db.within(Scope(ada.id, "test"))
    for statement in (STATISTICS, LARGEST_COUNTED, LARGEST_SAMPLED):
        with pytest.raises(Unscoped):
            await own.fetch(statement, 10)
