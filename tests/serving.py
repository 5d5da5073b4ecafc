"""A real server on a real socket, in the loop of the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from starlette.types import ASGIApp

from api.listen import DrainingServer, configuration
from api.settings import Settings


class Unsignalled(DrainingServer):
    """The signals of the test run are none of its business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(app: ASGIApp, settings: Settings) -> AsyncIterator[Unsignalled]:
    """Serve the application as the command line does, on a free port; gives the server."""
    config = configuration(app, settings.model_copy(update={"port": 0}))
    server = Unsignalled(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            await task
        await asyncio.sleep(0.005)
    try:
        yield server
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def serving(app: ASGIApp, settings: Settings) -> AsyncIterator[str]:
    """As `listening`; gives `http://127.0.0.1:PORT`."""
    async with listening(app, settings) as server:
        yield address_of(server)


def address_of(server: Unsignalled) -> str:
    port = server.servers[0].sockets[0].getsockname()[1]
    return f"http://127.0.0.1:{port}"
