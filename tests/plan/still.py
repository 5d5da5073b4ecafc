"""A server on whose data nothing goes on by itself, and to which it is all the same how old something is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from db.pool import Access
from tests.asking import SETTINGS, Asker, asking
from tests.carry.life import models
from tests.waiting import the_first_sweep

STILL = SETTINGS.model_copy(update={"summary_after": 0, "recency_half_life": 0})


@asynccontextmanager
async def still(reached: Access) -> AsyncIterator[Asker]:
    async with asking(reached, models(), STILL) as served:
        await the_first_sweep(served.facts)
        yield served
