"""What a process has counted comes into the store, soon after its minute, at its end, and after a store was away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from api.activity.counting import Counting
from api.observe import By, OperationEnded, Spent, StoreMeasured, unseen
from api.upkeep.keep_activity import keep_activity, keeping
from db.errors import Unavailable
from db.pool import Access, Database, opened

OPERATION = OperationEnded(By("request-1", "test"), "http", "query", None, (), 1.0, Spent(), None)
COUNTED = "select coalesce(sum(operations), 0) as count from activity where seconds = 60"


async def counted(db: Database) -> int:
    row = await db.fetchrow(COUNTED)
    assert row is not None
    return int(row["count"])


async def test_what_was_counted_is_stored_at_the_end(db: Database) -> None:
    counting = Counting()
    async with keeping(db, counting, unseen):
        counting(OPERATION)
        counting(StoreMeasured(1, 2, 3, 4, None, False))
    assert await counted(db) == 1
    assert counting.ended() == []


async def test_a_minute_is_stored_once_and_only_when_it_is_over(
    db: Database, statements: list[str]
) -> None:
    now = datetime.now(UTC).timestamp()
    clock = [now]
    counting = Counting(lambda: clock[0])
    counting(OPERATION)
    await keep_activity(db, counting)
    assert statements == []
    clock[0] += 60
    for _ in range(2):
        await keep_activity(db, counting)
        assert await counted(db) == 1


async def test_a_store_that_is_away_is_given_everything_when_it_is_back(
    reached: Access, db: Database
) -> None:
    clock = [datetime.now(UTC).timestamp()]
    counting = Counting(lambda: clock[0])
    async with opened(replace(reached, pool_size=1, pool_wait=0.05)) as busy:
        for _ in range(3):
            counting(OPERATION)
            clock[0] += 60
            # Its one connection is taken.
            async with busy.session():
                with pytest.raises(Unavailable):
                    await keep_activity(busy, counting)
        assert await counted(db) == 0
        await keep_activity(busy, counting)
    assert await counted(db) == 3
