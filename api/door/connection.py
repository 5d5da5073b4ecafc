"""One HTTP connection: the head of each request arrives in time and within bounds, or the connection ends.

uvicorn waits for ever: for a head that comes byte by byte, for the rest of a body that nobody reads any more, for a
client that does not take its answer. Here the next whole head is always due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from api.door.headers import on_every_answer
from api.door.outgoing import Outgoing
from api.door.refused import Refused, refused_response
from api.door.request_id import request_id
from api.door.whole import Whole
from api.errors import BadUserInput, Timeout


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of the head of a request: `seconds` that it may take to arrive, bytes of its URL and of its header fields."""

    seconds: float
    url: int
    fields: int


class Connection(HttpToolsProtocol):
    """uvicorn's connection, which does not wait for ever."""

    def __init__(self, bounds: Bounds, outgoing: Outgoing, **given: Any) -> None:
        super().__init__(**given)
        self._bounds = bounds
        self._outgoing = outgoing
        self._head: int | None = 0
        """Bytes of the head so far; None once it is whole, until its body is."""
        self._heard = 0
        """Bytes that have come at last."""
        self._head_due: float | None = None
        """When the head has to be whole, by the loop's clock; None while none is waited for."""
        self._idle_until = 0.0
        """When it has to have begun."""
        self._looking: asyncio.TimerHandle | None = None
        """Looks whether it is; one that was set for an earlier head looks again later, and is seldom set anew."""
        self._looks_at = 0.0
        self._untaken = 0
        """Bytes that the client had not taken when it was last looked at."""
        self._taking_due: asyncio.TimerHandle | None = None
        self._refusal: Refused | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._expect_head(self._bounds.seconds, 0)

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._looking, self._taking_due)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self in self._outgoing:
            # Whatever is said of this must not come before the answer to what was asked earlier.
            self._outgoing.write()
        self._heard = len(data)
        if self._head is not None:
            self._head += self._heard
        super().data_received(data)
        if self._head is not None and self._head > self._bounds.url + self._bounds.fields:
            self._refuse(self._too_large())

    def eof_received(self) -> None:
        self._outgoing.write()

    def shutdown(self) -> None:
        self._outgoing.write()
        super().shutdown()

    def is_held_up(self, size: int) -> None:
        self._untaken = size

    def on_headers_complete(self) -> None:
        # No head is longer than what has come of it before, and what has come now.
        longest = (self._head or 0) + self._heard
        self._head = self._head_due = None
        if len(self.url) > self._bounds.url:
            self._refusal = self._too_long()
        elif longest > self._bounds.fields and self._fields() > self._bounds.fields:
            self._refusal = self._too_large()
        if self._refusal:
            # The parser passes it on as an error of its own, and that ends in `send_400_response`.
            raise self._refusal
        super().on_headers_complete()

    def _fields(self) -> int:
        return sum(map(len, chain.from_iterable(self.headers)))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        super()._start_asgi_task(cycle, Whole(app, cycle, self, self._outgoing).application)  # type: ignore[arg-type]

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._head = 0

    def on_response_complete(self) -> None:
        # As uvicorn has it, but for a timer of its own for each answer: ours looks after who is idle, too.
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            if self.pipeline:
                self._start_asgi_task(*self.pipeline.pop())
        if self.cycle.response_complete:
            self._expect_head(self.timeout_keep_alive, self._bounds.seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_taking()

    def resume_writing(self) -> None:
        _cancel(self._taking_due)
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._refusal or Refused(400, BadUserInput("This is no HTTP request.")))

    def _expect_head(self, idle: float, seconds: float) -> None:
        """It is to begin before so long, and to be whole so many seconds later."""
        self._untaken = self.transport.get_write_buffer_size()
        self._idle_until = self.loop.time() + idle
        self._head_due = self._idle_until + seconds
        if self._looking is None:
            self._look_at(self._idle_until)
        elif self._idle_until < self._looks_at:
            self._looking.cancel()
            self._look_at(self._idle_until)

    def _look_at(self, moment: float) -> None:
        self._looks_at = moment
        self._looking = self.loop.call_at(moment, self._look)

    def _look(self) -> None:
        self._looking = None
        if self._head_due is None:
            return
        # Who still takes the last answer is not idle.
        is_busy = self._head or self.transport.get_write_buffer_size()
        due = self._head_due if is_busy else self._idle_until
        if self.loop.time() < due:
            self._look_at(due)
        else:
            self._head_is_late()

    def _head_is_late(self) -> None:
        if self._is_taking():
            # The last answer is still on its way.
            self._expect_head(self._bounds.seconds, 0)
        elif self._untaken:
            self.transport.abort()
        elif self._head:
            late = "The head of the request took too long to arrive; send it in one piece."
            self._refuse(Refused(408, Timeout(late)))
        else:
            self.transport.close()

    def _expect_taking(self) -> None:
        self._untaken = self.transport.get_write_buffer_size()
        self._taking_due = self.loop.call_later(self._bounds.seconds, self._taking_is_late)

    def _taking_is_late(self) -> None:
        # Who follows a stream may read when it likes: what waits for it is bounded.
        if self._is_taking() or self.cycle.chunked_encoding:
            self._expect_taking()
        else:
            self.transport.abort()

    def _is_taking(self) -> bool:
        """Whether the client has taken some of what was written since it was last looked at."""
        before, self._untaken = self._untaken, self.transport.get_write_buffer_size()
        return 0 < self._untaken < before

    def _refuse(self, refused: Refused) -> None:
        """The last word on this connection; nothing is said into the midst of an answer."""
        cycle: RequestResponseCycle | None = self.cycle
        answering = cycle and cycle.response_started and not cycle.response_complete
        if not (self.pipeline or answering or self.transport.is_closing()):
            self.transport.write(_written(refused))
        self.transport.close()

    def _too_long(self) -> Refused:
        most = self._bounds.url
        return Refused(
            414, BadUserInput(f"The URL is longer than {most} bytes; send the request with POST.")
        )

    def _too_large(self) -> Refused:
        most = self._bounds.fields
        return Refused(
            431, BadUserInput(f"The header fields are larger than {most} bytes; send fewer.")
        )


def connections(bounds: Bounds) -> Callable[..., Connection]:
    """Makes the connections of one server, which write their answers together."""
    return partial(Connection, bounds, Outgoing())


def _cancel(*timers: asyncio.TimerHandle | None) -> None:
    for timer in timers:
        if timer:
            timer.cancel()


def _written(refused: Refused) -> bytes:
    headers = {**on_every_answer("http"), "Connection": "close"}
    response = refused_response(request_id(None), refused.status, refused.refusal, headers)
    head = b"".join(b"%s: %s\r\n" % field for field in response.raw_headers)
    return STATUS_LINE[refused.status] + head + b"\r\n" + bytes(response.body)
