"""Measuring what there is in this process just now, which no single event tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from api.observe import Observer, ProcessMeasured
from db.pool import Database

PROCESS_SECONDS = 5.0

NAP_SECONDS = 0.05
"""For so long it sleeps, to see how late it is woken."""

Count = Callable[[], int]


async def measure_process(
    db: Database,
    in_flight: Callable[[], tuple[tuple[str, int], ...]],
    viewers: Count,
    running: Count,
    observe: Observer,
) -> None:
    """Tell what there is."""
    late = await lateness()
    in_use, there_are, most = db.connections()
    observe(
        ProcessMeasured(
            pool_in_use=in_use,
            pool_open=there_are,
            pool_limit=most,
            pool_lent_at_once=db.lent_at_once(),
            in_flight=in_flight(),
            live_viewers=viewers(),
            running_responses=running(),
            loop_lag_ms=round(late * 1000, 3),
        )
    )


async def lateness() -> float:
    """By how many seconds the loop wakes too late just now."""
    now = asyncio.get_running_loop().time
    due = now() + NAP_SECONDS
    await asyncio.sleep(NAP_SECONDS)
    return max(0.0, now() - due)
