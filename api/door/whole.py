"""An answer that is whole at once is written in one piece: uvicorn writes its head and its body each by itself."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from api.door.head import Head


class Whole:
    """An application in its request's cycle of uvicorn's: what it sends goes through here."""

    __slots__ = ("_app", "_cycle", "_head", "_send")

    def __init__(self, app: ASGIApp, cycle: RequestResponseCycle) -> None:
        self._app = app
        self._cycle = cycle
        self._head: Message | None = None
        """What an answer begins with whose head is written already, until it is known whether the rest is there too."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._send = send
        await self._app(scope, receive, self._sent)

    async def _sent(self, message: Message) -> None:
        head, self._head = self._head, None
        if head is not None:
            if not self._is_written(head, message):
                await self._send(head)
                await self._send(message)
        elif type(message.get("headers")) is Head:
            self._head = message
        else:
            await self._send(message)

    def _is_written(self, head: Message, message: Message) -> bool:
        """Write it all, if that is as simple as it mostly is."""
        cycle = self._cycle
        if message.get("more_body") or cycle.disconnected or cycle.flow.write_paused:
            return False
        if not cycle.keep_alive or cycle.scope["method"] == "HEAD":
            return False
        lines = [b"%s: %s\r\n" % field for field in cycle.default_headers]
        written = head["headers"].written
        cycle.transport.write(
            b"".join((STATUS_LINE[head["status"]], *lines, written, b"\r\n", message["body"]))
        )
        _end(cycle)
        return True


def _end(cycle: RequestResponseCycle) -> None:
    """Have it be as it is once it has sent the last of an answer itself."""
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = cycle.chunked_encoding = False
    cycle.message_event.set()
    cycle.on_response()
