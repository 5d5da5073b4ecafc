"""Work that is done while a client is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
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


async def while_there(receive: Receive, work: Coroutine[Any, Any, Done], seconds: float) -> Done:
    """What the work gives. A client that goes away takes it along. Raises `Gone`, and `TimeoutError` when it is late.

    How long it takes, and whether the client is still there is looked at from when the work first waits for something.
    """
    begun = Begun(work)
    if not begun.waits:
        return await begun
    leaving = asyncio.ensure_future(disconnected(receive))
    try:
        async with asyncio.timeout(seconds), asyncio.timeout(None) as there:
            leaving.add_done_callback(partial(_left, there))
            return await begun
    except TimeoutError as error:
        if there.expired():
            raise Gone from error
        raise
    finally:
        leaving.cancel()


def _left(there: asyncio.Timeout, leaving: asyncio.Future[None]) -> None:
    """The time of whoever has left is over at once."""
    # In the same moment the work may have come to its end.
    if not leaving.cancelled():
        with suppress(RuntimeError):
            there.reschedule(asyncio.get_running_loop().time())
