"""Adding what this process has counted to what all have counted, and forgetting what is old."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from api.activity.counting import Counting
from api.observe import Observer
from api.upkeep.every import every
from db import activity
from db.errors import StoreError
from db.pool import Database

KEEP_SECONDS = 5.0
"""How soon after its end a minute is in the store. Without one that has ended nothing is asked of it."""

FORGET_SECONDS = 600.0


@asynccontextmanager
async def keeping(db: Database, counting: Counting, observe: Observer) -> AsyncIterator[None]:
    """Within the block, each minute that has ended is stored; at its end the one that runs is as well."""
    async with (
        every(KEEP_SECONDS, partial(keep_activity, db, counting), "keep_activity", observe),
        every(FORGET_SECONDS, partial(activity.forget, db), "forget_activity", observe),
    ):
        yield
    with suppress(StoreError):
        counting.end()
        await keep_activity(db, counting)


async def keep_activity(db: Database, counting: Counting) -> None:
    """Store the minutes that have ended, each by itself; one that the store does not take waits for the next time.

    When its answer is lost with the connection, a minute may be added twice.
    """
    for minute in counting.ended():
        await activity.add(db, minute)
        counting.forget(minute)
