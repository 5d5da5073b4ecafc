"""Listening: uvicorn, set up for GraphQL over HTTP and WebSocket, the greeting once it answers, and the farewell."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from asyncio.trsock import TransportSocket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from rich.console import Console
from starlette.types import ASGIApp
from uvicorn.server import HANDLED_SIGNALS

from api.door.connection import Bounds, connections
from api.own_key import OwnKey
from api.server import Server
from api.settings import Settings

WORKER_SECONDS = 10
"""How long one of several processes may go without a sign of life before it is started anew."""

TICK_SECONDS = 0.1
"""How long a signal may go unnoticed."""

GARBAGE = 10_000
"""How many more objects there are to be than before until garbage is looked for."""

EXAMPLE = 'mutation { upsertUser(input: { externalId: "ada", name: "Ada" }) { user { id } } }'


class DrainingServer(uvicorn.Server):
    """uvicorn's server, which sees off what is being generated before it stops listening."""

    is_hurried = False
    """Whoever told it to stop has told it again."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.should_exit:
            self.is_hurried = True
        else:
            super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let a signal end the serving and nothing else: uvicorn would raise it again, past our own farewells."""
        before = {one: signal.signal(one, self.handle_exit) for one in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        settle()

    async def main_loop(self) -> None:
        await super().main_loop()
        server: Server = self.lifespan.state["server"]
        draining = asyncio.create_task(server.drain(server.settings.shutdown_grace))
        while not (draining.done() or self.is_hurried):
            await asyncio.wait([draining], timeout=TICK_SECONDS)
        if draining.cancel():
            await asyncio.wait([draining])
            await server.drain(0)


def settle() -> None:
    """What there is now is there to stay, such as the graph: no collection of garbage looks through it again.

    What a request makes goes by itself, so that there is seldom anything to be found. Looking for it after every seven
    hundred objects, which is Python's way, took a quarter of the time of a large answer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 20, 20)


class GreetingServer(DrainingServer):
    """The server as a person starts it: it says where it can be found, and with what key."""

    def __init__(self, config: uvicorn.Config, own: OwnKey | None, metrics: str | None) -> None:
        super().__init__(config)
        self._own = own
        self._metrics = metrics

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            greet(self.address(), self._own, self._metrics)

    def address(self) -> str:
        """The URL of the socket it listens on."""
        return url_of(self.servers[0].sockets[0])


def listen(
    app: ASGIApp, settings: Settings, own: OwnKey | None = None, metrics: str | None = None
) -> None:
    """Serve until SIGINT or SIGTERM. The greeting tells of the key and of the URL of the metrics, if there are any."""
    GreetingServer(configuration(app, settings), own, metrics).run()


def url_of(listening: socket.socket | TransportSocket) -> str:
    """The URL at which the socket listens."""
    host, port, *_ = listening.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def configuration(
    app: ASGIApp | Callable[[], ASGIApp], settings: Settings, *, is_factory: bool = False
) -> uvicorn.Config:
    """How uvicorn serves us: the application, or what makes it in each process."""
    bounds = Bounds(settings.head_timeout, settings.max_url_bytes, settings.max_head_bytes)
    return uvicorn.Config(
        app,
        http=connections(bounds),  # type: ignore[arg-type]  # it makes connections as the class does
        timeout_keep_alive=settings.idle_timeout,  # type: ignore[arg-type]  # parts of a second do as well
        host=settings.host,
        port=settings.port,
        factory=is_factory,
        workers=settings.workers,
        timeout_worker_healthcheck=WORKER_SECONDS,
        lifespan="on",
        ws="websockets-sansio",
        ws_max_size=settings.max_message_bytes,
        # It costs hundreds of kilobytes a socket, for messages that are small.
        ws_per_message_deflate=False,
        # An open stream must not hold up the end of the process.
        timeout_graceful_shutdown=5,
        access_log=False,
        server_header=False,
        log_config=None,
    )


def greet(url: str, own: OwnKey | None, metrics: str | None = None) -> None:
    """Say where to look, with what key and what to try, once it answers."""
    told_metrics = f"\n  Metrics   {metrics}" if metrics else ""
    Console(soft_wrap=True, highlight=False).print(
        f"""
[bold green]ContextQL answers.[/bold green]

  Console   [bold]{url}[/bold]
  GraphiQL  [bold]{url}/graphql[/bold]
  Key       {told(own)}
  Try       [cyan]{EXAMPLE}[/cyan]
  Data      make seed   stores a few users to look at{told_metrics}

  {"It listens on this machine only. " if own else ""}Ctrl-C stops it.
""",
    )


def told(own: OwnKey | None) -> str:
    """What there is to say of the key: itself when it is new, and where it is kept."""
    if own is None:
        return "an API key or a token of yours; a new key is made by: contextql keys create --help"
    kept = f"kept in {own.path}; both have it already"
    return f"[bold]{own.key}[/bold]\n            {kept}" if own.is_new else kept
