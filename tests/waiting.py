"""Waiting for what nobody tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from api.observe import Fact
from api.observe.stretches import Ended, Upkeep


async def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Raises `TimeoutError` if it does not come to hold."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.01)


async def the_first_sweep(facts: Sequence[Fact]) -> None:
    """Returns when the server has swept what it found at its start; the next sweep is far away."""
    swept = Upkeep("sweep")
    await until(lambda: any(isinstance(one, Ended) and one.stretch == swept for one in facts))
