"""Work that is done while a client is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from starlette.types import Receive

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


async def while_there(receive: Receive, work: Awaitable[Done]) -> Done:
    """What the work gives. A client that goes away takes it along. Raises `Gone`."""
    async with doing(work) as task, doing(disconnected(receive)) as gone:
        ends: list[asyncio.Future[Any]] = [task, gone]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
    raise Gone
