"""Doing something again and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from api.observe import Faulted, Observer, during
from api.observe.stretches import Upkeep
from db.errors import StoreError

UPKEEP = "upkeep"
"""How the names of its tasks begin."""

Act = Callable[[], Awaitable[None]]


@asynccontextmanager
async def every(seconds: float, act: Act, name: str, observe: Observer) -> AsyncIterator[None]:
    """Within the block, do it at once and then with `seconds` in between. One that fails is tried again next time."""
    repeating = asyncio.create_task(_repeat(seconds, act, name, observe), name=f"{UPKEEP} {name}")
    try:
        yield
    finally:
        repeating.cancel()
        with suppress(asyncio.CancelledError):
            await repeating


async def _repeat(seconds: float, act: Act, name: str, observe: Observer) -> None:
    while True:
        try:
            with during(observe, Upkeep(name)):
                await act()
        except StoreError:
            # A database that is away is observed by its listener, and where somebody asks for it.
            pass
        except Exception as error:  # noqa: BLE001  # it must go on
            observe(Faulted(name, "upkeep", error))
        await asyncio.sleep(seconds)
