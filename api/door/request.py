"""An HTTP request as the door reads it."""

from __future__ import annotations

from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive, Scope, Send

from api.door.whole import Whole


class Request:
    """The head of a request, and the way to its body.

    Starlette's looks through all the fields for each that is asked for, and decodes and encodes them on its way.
    """

    __slots__ = ("fields", "method", "receive", "scope", "send")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.method: str = scope["method"]
        # Of several fields of one name the first counts.
        self.fields: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        """By their names in small letters."""

    def field(self, name: bytes) -> str | None:
        """A field of the head, by its name in small letters."""
        value = self.fields.get(name)
        return None if value is None else value.decode("latin-1")

    def arrived(self) -> bytes | bytearray | None:
        """The whole body, if it is known to be there; None where it has to be received."""
        send = self.send
        return send.body() if type(send) is Whole else None

    @property
    def headers(self) -> Headers:
        """All the fields."""
        return Headers(scope=self.scope)

    @property
    def parameters(self) -> QueryParams:
        """What stands in the URL after the path."""
        return QueryParams(self.scope["query_string"])
