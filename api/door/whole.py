"""What is there in one piece goes in one piece: a body that has arrived is not waited for, and an answer is written at
once. uvicorn has its applications wait for the one, and writes the head and the body of the other each by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from api.door.head import Field, Head
from api.door.outgoing import Outgoing, Way

_SAID_BY_PROXIES = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})


def _past_proxies(app: ASGIApp, fields: Iterable[Field]) -> ASGIApp:
    """The application, without uvicorn's middleware for what proxies say where none has said anything."""
    if isinstance(app, ProxyHeadersMiddleware) and _SAID_BY_PROXIES.isdisjoint(dict(fields)):
        return app.app  # type: ignore[return-value]  # the same, in uvicorn's words
    return app


class Whole:
    """ASGI's `send` of one request. Whoever knows it may have the body from it, and give it a whole answer."""

    __slots__ = ("_app", "_cycle", "_head", "_outgoing", "_send", "_way")

    def __init__(
        self, app: ASGIApp, cycle: RequestResponseCycle, way: Way, outgoing: Outgoing
    ) -> None:
        self._app = _past_proxies(app, cycle.scope["headers"])
        self._cycle = cycle
        self._way = way
        self._outgoing = outgoing
        self._head: Message | None = None
        """What an answer begins with whose head is written already, until it is known whether the rest is there too."""

    def application(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """The application that is asked, with this in the place of uvicorn's `send`."""
        self._send = send
        return self._app(scope, receive, self)

    async def __call__(self, message: Message) -> None:
        head, self._head = self._head, None
        if head is not None:
            if not message.get("more_body") and self.is_written(
                head["status"], head["headers"].written, message["body"]
            ):
                return
            await self._send(head)
        elif type(message.get("headers")) is Head:
            self._head = message
            return
        await self._send(message)

    def body(self) -> bytearray | None:
        """All of the body, as `receive` would give it; None where that would wait, or has more to say."""
        cycle = self._cycle
        if cycle.more_body or cycle.waiting_for_100_continue:
            return None
        if cycle.disconnected or cycle.response_complete:
            return None
        body, cycle.body = cycle.body, bytearray()
        cycle.flow.resume_reading()
        cycle.message_event.clear()
        return body

    def is_written(self, status: int, head: bytes, body: bytes) -> bool:
        """Have the whole answer written, if that is as simple as it mostly is."""
        cycle = self._cycle
        if cycle.response_started or cycle.disconnected or cycle.flow.write_paused:
            return False
        if not cycle.keep_alive or cycle.scope["method"] == "HEAD":
            return False
        usual = self._outgoing.written(cycle.default_headers)
        whole = b"".join((STATUS_LINE[status], usual, head, b"\r\n", body))
        self._outgoing.add(self._way, whole)
        # As it is once it has sent the last of an answer itself.
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = cycle.chunked_encoding = False
        cycle.message_event.set()
        cycle.on_response()
        return True
