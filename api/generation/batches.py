"""What a model says in small pieces, joined to larger ones, so that a fast model is not a flood of writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress


async def batches(pieces: AsyncGenerator[str, None], pause: float) -> AsyncGenerator[str, None]:
    """The first piece at once; then, `pause` seconds after each batch was asked for, what has come since.

    The model is heard on while a batch is being stored. What it said before it failed is given before its
    error is raised.
    """
    heard = _Heard()
    listening = asyncio.create_task(heard.listen(pieces))
    try:
        while batch := await heard.taken():
            yield batch
            await heard.until_over(pause)
        await listening
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await listening


class _Heard:
    """What has been said and not yet been taken."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._something = asyncio.Event()
        self._over = asyncio.Event()
        self._has_begun = False

    async def listen(self, pieces: AsyncGenerator[str, None]) -> None:
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    await self._hear(piece)
        finally:
            self._over.set()
            self._something.set()

    async def _hear(self, piece: str) -> None:
        self._pieces.append(piece)
        self._something.set()
        if not self._has_begun:
            self._has_begun = True
            # Whoever waits for the first piece takes it now, even from a model that never pauses.
            await asyncio.sleep(0)

    async def taken(self) -> str:
        """All that there is, once there is anything; empty when nothing will come any more."""
        await self._something.wait()
        batch = "".join(self._pieces)
        self._pieces.clear()
        if not self._over.is_set():
            self._something.clear()
        return batch

    async def until_over(self, seconds: float) -> None:
        """Wait so long, or until the model has ended."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()
