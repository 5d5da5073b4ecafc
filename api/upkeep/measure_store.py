"""Measuring what is stored, so that whoever runs the server sees it grow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from api.observe import LargestUsers, Observer, StoreMeasured
from api.upkeep.every import every
from db import statistics
from db.pool import Database

SECONDS = 60.0
LARGEST_SECONDS = 600.0
"""How often it is told how much there is, and who has the most, which takes longer to find out."""


@asynccontextmanager
async def measuring(db: Database, observe: Observer) -> AsyncIterator[None]:
    """Within the block, both are told again and again."""
    async with (
        every(SECONDS, partial(measure_store, db, observe), "measure_store", observe),
        every(LARGEST_SECONDS, partial(measure_largest, db, observe), "measure_largest", observe),
    ):
        yield


async def measure_store(db: Database, observe: Observer) -> None:
    """Tell how much there is, over all users."""
    found = await statistics.measured(db)
    observe(
        StoreMeasured(
            users=found.users,
            contexts=found.contexts,
            responses=found.responses,
            bytes=found.bytes,
            average_rating=found.average_rating,
            is_estimated=found.is_estimated,
        )
    )


async def measure_largest(db: Database, observe: Observer) -> None:
    """Tell who has the most, which takes longer."""
    found = await statistics.largest(db)
    observe(LargestUsers(tuple((str(one.user_id), one.contexts, one.bytes) for one in found)))
