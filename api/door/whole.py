"""An answer that is whole at once is written in one piece: uvicorn writes its head and its body each by itself."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import (
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

from api.door.answer import Field
from api.door.headers import on_every_answer

PLAIN = frozenset(
    {
        *(name.lower().encode() for name in on_every_answer("https")),
        *(b"content-type", b"content-length", b"date", b"ratelimit", b"ratelimit-policy"),
        *(b"vary", b"x-request-id"),
    }
)
"""The names of fields that say nothing of how an answer is sent, but how long it is."""


class Whole:
    """An application in its request's cycle of uvicorn's: what it sends goes through here."""

    __slots__ = ("_app", "_cycle", "_head", "_send")

    def __init__(self, app: ASGIApp, cycle: RequestResponseCycle) -> None:
        self._app = app
        self._cycle = cycle
        self._head: Message | None = None
        """What the answer begins with, until it is known whether the rest is there as well."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._send = send
        await self._app(scope, receive, self._sent)

    async def _sent(self, message: Message) -> None:
        head, self._head = self._head, None
        if head is None and message["type"] == "http.response.start":
            self._head = message
        elif head is None:
            await self._send(message)
        elif not self._is_written(head, message):
            await self._send(head)
            await self._send(message)

    def _is_written(self, head: Message, message: Message) -> bool:
        """Write it all, if that is as simple as it mostly is."""
        cycle, body = self._cycle, message.get("body", b"")
        if message.get("more_body") or cycle.disconnected or cycle.flow.write_paused:
            return False
        fields = [*cycle.default_headers, *head.get("headers", ())]
        if cycle.scope["method"] == "HEAD" or not cycle.keep_alive or not _is_plain(fields, body):
            return False
        lines = [b"%s: %s\r\n" % field for field in fields]
        cycle.transport.write(b"".join((STATUS_LINE[head["status"]], *lines, b"\r\n", body)))
        _end(cycle)
        return True


def _is_plain(fields: Sequence[Field], body: bytes) -> bool:
    """Whether the fields are none but of those names, and say how long the body is."""
    told = dict(fields)
    return (
        told.keys() <= PLAIN
        and told.get(b"content-length") == b"%d" % len(body)
        and not HEADER_VALUE_RE.search(b"".join([value for _, value in fields]))
    )


def _end(cycle: RequestResponseCycle) -> None:
    """Have it be as it is once it has sent the last of an answer itself."""
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = cycle.chunked_encoding = False
    cycle.message_event.set()
    cycle.on_response()
