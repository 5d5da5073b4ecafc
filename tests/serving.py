"""A real server on a real socket, in the loop of the test."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from starlette.types import ASGIApp
from uvicorn import Config, Server

from api.listen import DrainingServer, configuration
from api.settings import Settings

TRUSTING_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients that speak HTTP only: to read the list of whom a client trusts takes as long as a whole test."""


class Unsignalled(DrainingServer):
    """The signals of the test run are none of its business."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Plain(Server):
    """A server that is not ours, and has no signals either."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(app: ASGIApp, settings: Settings) -> AsyncIterator[Unsignalled]:
    """Serve the application as the command line does, on a free port; gives the server."""
    server = Unsignalled(configuration(app, settings.model_copy(update={"port": 0})))
    async with running(server):
        yield server


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[None]:
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            await task
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def serving(app: ASGIApp, settings: Settings) -> AsyncIterator[str]:
    """As `listening`; gives `http://127.0.0.1:PORT`."""
    async with listening(app, settings) as server:
        yield address_of(server)


@asynccontextmanager
async def serving_plainly(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application that has nothing to do with ours; gives its address."""
    server = Plain(Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1))
    async with running(server):
        yield address_of(server)


def address_of(server: Server) -> str:
    port = server.servers[0].sockets[0].getsockname()[1]
    return f"http://127.0.0.1:{port}"
