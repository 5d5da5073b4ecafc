"""Outlasting a database that is away for a moment: a live response rather waits than fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from db.errors import Unavailable

AGAIN_AFTER_SECONDS = 0.25

Found = TypeVar("Found")


async def patiently(act: Callable[[], Awaitable[Found]], seconds: float) -> Found:
    """Do it, and do it again while the store is unavailable, for so many seconds. It must bear repeating."""
    now = asyncio.get_running_loop().time
    given_up_at = now() + seconds
    while True:
        try:
            return await act()
        except Unavailable:
            if now() >= given_up_at:
                raise
            await asyncio.sleep(AGAIN_AFTER_SECONDS)
