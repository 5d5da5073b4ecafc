"""Work that is done while a client is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

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
    watch = _Watch(receive, seconds)
    try:
        done = await work
    except BaseException as error:
        if watch.ended() and isinstance(error, asyncio.CancelledError | TimeoutError):
            raise (Gone if watch.is_left else TimeoutError) from error
        raise
    watch.ended()
    return done


class _Watch:
    """Cancels the task that is in it after so many seconds, or when the client has left.

    `asyncio.timeout` does so as well, but takes as long as all the rest of this for work that is done in time.
    """

    __slots__ = (
        *("_cancelling", "_ends", "_has_given_up", "_is_over", "_leaving", "_loop", "_receive"),
        *("_task", "_timer", "is_left"),
    )

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive = receive
        self._task: asyncio.Task[Any] = asyncio.current_task()  # type: ignore[assignment]  # it runs in one
        self._cancelling = self._task.cancelling()
        self._loop = asyncio.get_running_loop()
        self._ends = self._loop.time() + seconds
        self._leaving: asyncio.Future[None] | None = None
        self._timer = self._loop.call_later(min(seconds, LOOK_SECONDS), self._look)
        self._has_given_up = self._is_over = False
        self.is_left = False
        """The client has left."""

    def ended(self) -> bool:
        """Look no more. Whether the task was cancelled for what was seen here, and for nothing else."""
        self._is_over = True
        self._timer.cancel()
        if self._leaving:
            self._leaving.cancel()
        return self._has_given_up and self._task.uncancel() <= self._cancelling

    def _look(self) -> None:
        self._timer = self._loop.call_at(self._ends, self._give_up)
        self._leaving = asyncio.ensure_future(disconnected(self._receive))
        self._leaving.add_done_callback(self._left)

    def _left(self, leaving: asyncio.Future[None]) -> None:
        # In the same moment the work may have come to its end, or have been given up.
        if not (leaving.cancelled() or self._is_over or self._has_given_up):
            self.is_left = True
            self._give_up()

    def _give_up(self) -> None:
        if not (self._is_over or self._has_given_up):
            self._has_given_up = True
            self._task.cancel()
