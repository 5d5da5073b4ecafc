"""The minutes of all processes, added up in the store."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from db import activity
from db.activity import KEPT_DAYS, Counted, Minute, ModelCounts, StoreSize
from db.pool import Database
from tests.databases import run_sql

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
MINUTE, HOUR = 60, 3600


def a_minute(number: int = 0, **counted: object) -> Minute:
    return Minute(NOON + timedelta(minutes=number), **counted)  # type: ignore[arg-type]


def used(model: str, *counted: object) -> dict[str, ModelCounts]:
    return {model: ModelCounts(model, *counted)}  # type: ignore[arg-type]


async def read(
    db: Database, seconds: int, resolution: int = MINUTE, hours: int = 1
) -> list[Counted]:
    return await activity.stretched(db, resolution, NOON, NOON + timedelta(hours=hours), seconds)


@pytest.mark.whole_pool
async def test_processes_that_write_the_same_minute_at_once_add_up(db: Database) -> None:
    minutes = [
        a_minute(
            operations=2, errors=1, responses=1, retrieval=[0, 3], first_token=[1] * length,
            models=used("b", 1, 0, 10, 5, 0.5) | used("a", 1, 1),
        )
        for length in range(8)
    ]  # fmt: skip
    await asyncio.gather(*(activity.add(db, one) for one in minutes))
    for resolution in (MINUTE, HOUR):
        (found,) = await read(db, resolution, resolution)
        assert (found.at, found.operations, found.errors, found.responses) == (NOON, 16, 8, 8)
        assert (found.retrieval, found.first_token) == ([0, 24], [7, 6, 5, 4, 3, 2, 1])
        models = await activity.of_models(db, resolution, NOON, NOON + timedelta(hours=1))
        assert models == [
            ModelCounts("a", 8, 8, 0, 0, None),
            ModelCounts("b", 8, 0, 80, 40, 4.0),
        ]


async def test_a_price_that_becomes_known_is_told_beside_calls_without_one(db: Database) -> None:
    for cost in (None, 0.25, None):
        await activity.add(db, a_minute(models=used("wise", 1, 0, 1, 1, cost)))
    (found,) = await activity.of_models(db, MINUTE, NOON, NOON + timedelta(hours=1))
    assert (found.responses, found.cost_usd) == (3, 0.25)


async def test_of_the_store_what_was_measured_last_counts(db: Database) -> None:
    early, late = StoreSize(1, 10, 0, 100), StoreSize(2, 20, 5, 2**40)
    await activity.add(db, a_minute(0, store=StoreSize(0, 0, 0, 1)))
    await activity.add(db, a_minute(0, store=early))
    await activity.add(db, a_minute(0, operations=1))
    assert (await read(db, MINUTE))[0].store == early
    await activity.add(db, a_minute(1, store=late))
    await activity.add(db, a_minute(2, operations=1))
    assert [one.store for one in await read(db, MINUTE)] == [early, late, None]
    assert [one.store for one in await read(db, 5 * MINUTE)] == [late]


async def test_stretches_are_made_of_what_lies_in_them_and_of_nothing_else(db: Database) -> None:
    for number in (-1, 0, 4, 5, 59, 60):
        await activity.add(db, a_minute(number, operations=1, retrieval=[0] * (number % 3) + [1]))
    found = await read(db, 5 * MINUTE)
    assert [(one.at.minute, one.operations, sum(one.retrieval)) for one in found] == [
        (0, 2, 2),
        (5, 1, 1),
        (55, 1, 1),
    ]
    assert found[0].retrieval == [1, 1]
    hours = await read(db, 2 * HOUR, HOUR, hours=2)
    assert [(one.at.hour, one.operations) for one in hours] == [(12, 5)]


async def test_the_first_minute_is_known(db: Database) -> None:
    assert await activity.since(db) is None
    for number in (7, 3, 9):
        await activity.add(db, a_minute(number, operations=1))
    assert await activity.since(db) == NOON + timedelta(minutes=3)


async def test_what_is_older_than_it_is_kept_goes_and_nothing_else_does(db: Database) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    for age in (0, KEPT_DAYS - 1, KEPT_DAYS + 1):
        at = now - timedelta(days=age)
        await activity.add(db, Minute(at, operations=1, models=used("wise", 1)))
    await activity.forget(db)
    for table in ("activity", "activity_of_models"):
        rows = await db.fetch(f"select seconds, now() - at as age from {table} order by 1, 2")
        assert [(row["seconds"], row["age"].days) for row in rows] == [
            (MINUTE, 0), (MINUTE, KEPT_DAYS - 1), (HOUR, 0), (HOUR, KEPT_DAYS - 1),
        ]  # fmt: skip


async def test_of_no_table_of_it_a_user_sees_a_row_whatever_may_be_granted(db: Database) -> None:
    await activity.add(db, a_minute(operations=1, models=used("wise", 1)))
    async with db.transaction() as session:
        for table in ("activity", "activity_of_models"):
            await session.fetch(f"grant select on {table} to contextql_viewer")
        await session.fetch("set local role contextql_viewer")
        for table in ("activity", "activity_of_models"):
            assert await session.fetch(f"select from {table}") == []
        await session.fetch("reset role")
        for table in ("activity", "activity_of_models"):
            assert await session.fetch(f"select from {table}")
            await session.fetch(f"revoke select on {table} from contextql_viewer")


async def test_a_month_is_read_from_its_hours(new_db: Database) -> None:
    await run_sql(new_db.access.url, FILLED, "analyze activity")
    plan = await new_db.fetch(
        f"explain {activity.STRETCHED.replace('$4', '86400').replace('$1', '3600')}"
        .replace("$2", "'2026-11-01'").replace("$3", "'2026-12-01'")
    )  # fmt: skip
    assert any("activity_pkey" in row[0] for row in plan)


FILLED = """
insert into activity select s.seconds, at, 1, 0, 0, 0, '{1}', '{}'
from (values (60), (3600)) s(seconds)
cross join generate_series('2026-11-01'::timestamptz, '2026-12-01', make_interval(secs => s.seconds)) at
"""
