"""The answer to a request: JSON, with the fields of its head as they are sent."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import Response

from api.door.request_id import FIELD

Field = tuple[bytes, bytes]
"""A field of a head: its name in small letters, and its value."""

_VARY: Field = (b"vary", b"Accept, Authorization")
_OURS = {FIELD, b"vary"}


class Answer(Response):
    """A response whose head is made of few pieces: Starlette encodes each name anew, and looks for each among all."""

    def __init__(
        self, request_id: str, body: bytes, status: int, media_type: str, fields: Iterable[Field]
    ) -> None:
        self.status_code = status
        self.body = body
        self.background = None
        self.raw_headers = [
            *fields,
            (b"content-type", b"%s; charset=utf-8" % media_type.encode()),
            (b"content-length", b"%d" % len(body)),
            (FIELD, request_id.encode()),
            _VARY,
        ]


def name(response: Response, request_id: str) -> None:
    """Say in its head which request it answers, and by what the answers to the same URL differ."""
    fields = response.raw_headers
    fields[:] = [field for field in fields if field[0] not in _OURS]
    fields += (FIELD, request_id.encode()), _VARY
