"""Waiting for what nobody tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def until(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Raises `TimeoutError` if it does not come to hold."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.01)
