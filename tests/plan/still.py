"""A server on whose data nothing goes on by itself, and to which it is all the same how old something is."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from db.pool import Access
from tests.asking import SETTINGS, Asker, asking
from tests.carry.life import models
from tests.waiting import the_first_sweep

LEFT_BEHIND = pytest.mark.filterwarnings(
    "ignore:coroutine '(Executor|GraphQLCoreConverter).*' was never awaited:RuntimeWarning"
)
"""graphql-core itself leaves coroutines behind where, below a list, a directive is given null."""

STILL = SETTINGS.model_copy(update={"summary_after": 0, "recency_half_life": 0})


@asynccontextmanager
async def still(reached: Access) -> AsyncIterator[Asker]:
    async with asking(reached, models(), STILL) as served:
        await the_first_sweep(served.facts)
        yield served
    # What graphql-core has left behind is found here, and not in the midst of a test that knows nothing of it.
    gc.collect()
