"""The answer to a request: JSON, with a head that is written in one step."""

from __future__ import annotations

from functools import lru_cache

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.door.head import Field, Head
from api.door.headers import of_every_answer, secure
from api.door.request_id import FIELD
from api.door.whole import Whole

_VARY: Field = (b"vary", b"Accept, Authorization")
_OURS = {FIELD, b"vary"}


class Answer:
    """An answer at once, for the application to send. Its head may begin with lines that are `written` already."""

    __slots__ = ("_body", "_head", "_status", "is_sent")

    def __init__(
        self, scope: Scope, request_id: str, body: bytes, status: int, media_type: str, written: str
    ) -> None:
        self._status = status
        self._body = body
        before, after = _around(media_type, scope.get("scheme", "http"))
        head = f"{written}{before}{len(body)}\r\nx-request-id: {request_id}\r\n{after}"
        self._head = head.encode()
        self.is_sent = False
        """Whether it is on its way already."""

    def send_ahead(self, send: Send) -> None:
        """Send it now, if that is done in one step; otherwise it is sent when it is called."""
        self.is_sent = type(send) is Whole and send.is_written(self._status, self._head, self._body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self._status, "headers": Head(self._head)}
        )
        await send({"type": "http.response.body", "body": self._body})


@lru_cache(maxsize=8)
def _around(media_type: str, scheme: str) -> tuple[str, str]:
    """What stands in a head before the length of the body, and at its end."""
    fields = b"".join(b"%s: %s\r\n" % field for field in (_VARY, *of_every_answer(scheme)))
    return f"content-type: {media_type}; charset=utf-8\r\ncontent-length: ", fields.decode()


def complete(response: Response, scope: Scope, request_id: str) -> None:
    """Say in its head which request it answers, by what the answers to the same URL differ, and what all say."""
    fields = response.raw_headers
    fields[:] = [field for field in fields if field[0] not in _OURS]
    fields += (FIELD, request_id.encode()), _VARY
    secure(fields, scope)
