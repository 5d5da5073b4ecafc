"""GraphQL over Server-Sent Events, in distinct connections mode: one request, one operation, one stream.

For clients and proxies without WebSockets. Whatever becomes of the operation, the status is 200, and the stream
says how it went: `next` for each result, `complete` after the last. A stream that ends without `complete` was cut
off, and may be asked for again with the header `Last-Event-ID`, as browsers do by themselves.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.door.accept import EVENT_STREAM
from api.door.doing import disconnected, doing
from api.door.live import LiveOperation
from api.door.refused import Refused
from api.errors import BadUserInput

COMMENT = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"

CLOSE_SECONDS = 1.0
"""How long a client that does not read is waited for in the end."""


EVENT_ID = re.compile("[0-9]{1,9}|[A-Za-z0-9_-]{40}")
"""The number of an event, or a cursor."""


def last_seen(header: str | None) -> str:
    """The id of the event that `Last-Event-ID` says was seen last; empty without one. Raises `Refused`."""
    if not header or EVENT_ID.fullmatch(header):
        return header or ""
    raise Refused(400, BadUserInput("Last-Event-ID must be the id of an event of this stream."))


class EventStream(Response):
    """The answer that tells one live operation.

    It ends without `complete` when `leaving` is set, or when `ended` returns: the credential is worth nothing any
    more then. After `keep_alive` seconds of silence it sends a comment.
    """

    media_type = EVENT_STREAM

    def __init__(
        self,
        live: LiveOperation,
        keep_alive: float,
        leaving: asyncio.Event,
        ended: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        # How long it gets nobody knows.
        del self.headers["content-length"]
        self._live = live
        self._keep_alive = keep_alive
        self._leaving = leaving
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wire = _Wire(send)
        await wire.open(self.status_code, self.raw_headers)
        async with (
            doing(self._tell(wire)) as telling,
            doing(disconnected(receive)) as gone,
            doing(self._leaving.wait()) as leaving,
            doing(self._ended()) as ended,
        ):
            ends: set[asyncio.Future[Any]] = {telling, gone, leaving, ended}
            while not any(task.done() for task in ends):
                silence_ends = wire.silent_since + self._keep_alive - wire.now()
                await asyncio.wait(ends, timeout=silence_ends, return_when=asyncio.FIRST_COMPLETED)
                await wire.keep_alive(self._keep_alive)
        await wire.close()

    async def _tell(self, wire: _Wire) -> None:
        if errors := await self._live.told(wire.tell):
            await wire.tell({"errors": errors}, None)
        await wire.write(COMPLETE)


class _Wire:
    """The bytes on their way to one client. Each write waits until the client takes it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._is_writing = False
        self.now: Callable[[], float] = asyncio.get_running_loop().time
        self.silent_since = self.now()

    async def open(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        # So that whoever asks knows at once that it is being answered.
        await self.write(COMMENT)

    async def tell(self, payload: dict[str, Any], event: str | None) -> None:
        id = b"" if event is None else b"id: %s\n" % event.encode()
        await self.write(b"event: next\n" + id + b"data: " + orjson.dumps(payload) + b"\n\n")

    async def write(self, frame: bytes) -> None:
        self._is_writing = True
        try:
            await self._send({"type": "http.response.body", "body": frame, "more_body": True})
        finally:
            self._is_writing = False
            self.silent_since = self.now()

    async def keep_alive(self, seconds: float) -> None:
        """Send a comment if nothing was sent for so long. A client that has not even taken the last gets none."""
        if self.now() < self.silent_since + seconds:
            return
        if self._is_writing:
            self.silent_since = self.now()
        else:
            await self.write(COMMENT)

    async def close(self) -> None:
        """The end, for a client that takes it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._send({"type": "http.response.body", "body": b""})
