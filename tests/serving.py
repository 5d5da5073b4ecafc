"""A real server on a real socket, in the loop of the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

from api.listen import configuration
from api.settings import Settings


@asynccontextmanager
async def serving(app: ASGIApp, settings: Settings) -> AsyncIterator[str]:
    """Serve the application as the command line does, on a free port; gives `http://127.0.0.1:PORT`."""
    config = configuration(app, settings.model_copy(update={"port": 0}))
    server = uvicorn.Server(config)
    # The test's own signals are none of uvicorn's business.
    task = asyncio.create_task(server._serve())
    while not server.started:
        if task.done():
            await task
        await asyncio.sleep(0.005)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
