"""Work that is done while a client is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from starlette.types import Receive

from api.door.begun import Begun

Done = TypeVar("Done")


class Gone(Exception):
    """The client is not there any more."""


@asynccontextmanager
async def doing(work: Awaitable[Done]) -> AsyncIterator[asyncio.Future[Done]]:
    """The work as a task, which is over when the block is."""
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def disconnected(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


LOOK_SECONDS = 0.05
"""How long work waits until somebody looks whether the client is still there: most of it is done by then."""


async def while_there(receive: Receive, work: Begun[Done], seconds: float) -> Done:
    """What the work gives. A client that goes away takes it along. Raises `Gone`, and `TimeoutError` when it is late.

    How long it takes counts from now on.
    """
    try:
        async with asyncio.timeout(None) as time:
            watch = _Watch(time, receive, seconds)
            try:
                return await work
            finally:
                watch.end()
    except TimeoutError as error:
        if watch.is_left and time.expired():
            raise Gone from error
        raise


class _Watch:
    """Ends the `time` of work after so many seconds, or when the client has left."""

    __slots__ = ("_ends", "_leaving", "_loop", "_receive", "_time", "_timer", "is_left")

    def __init__(self, time: asyncio.Timeout, receive: Receive, seconds: float) -> None:
        self._time = time
        self._receive = receive
        self._loop = asyncio.get_running_loop()
        self._ends = self._loop.time() + seconds
        self._leaving: asyncio.Future[None] | None = None
        self._timer = self._loop.call_later(min(seconds, LOOK_SECONDS), self._look)
        self.is_left = False
        """The client has left."""

    def end(self) -> None:
        self._timer.cancel()
        if self._leaving:
            self._leaving.cancel()

    def _look(self) -> None:
        self._time.reschedule(self._ends)
        self._leaving = asyncio.ensure_future(disconnected(self._receive))
        self._leaving.add_done_callback(self._left)

    def _left(self, leaving: asyncio.Future[None]) -> None:
        # In the same moment the work may have come to its end.
        if not leaving.cancelled():
            with suppress(RuntimeError):
                self._time.reschedule(self._loop.time())
                self.is_left = True
