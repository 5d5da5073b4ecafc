"""Which of our media types a client wants its answer in."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"

# What each range of the Accept header gets; without a preference, what every client can read.
_OFFERS = {
    GRAPHQL_RESPONSE: GRAPHQL_RESPONSE,
    JSON: JSON,
    "application/*": JSON,
    "*/*": JSON,
}


class Accepted(NamedTuple):
    """How a client can be answered: at once in this media type, None: not at all; and whether by `events`.

    It has to say that it reads an event stream: not every one that takes all things can.
    """

    media_type: str | None
    events: bool


@lru_cache(maxsize=64)
def accepted(field: bytes | None) -> Accepted:
    """What an Accept header comes to, as it stands in the head of a request."""
    accept = field.decode("latin-1") if field else None
    return Accepted(negotiated(accept), _names(accept, EVENT_STREAM))


def negotiated(accept: str | None) -> str | None:
    """The media type to answer in at once; None when the client accepts neither."""
    if not accept or not accept.strip():
        return JSON
    ranked = sorted(_ranges(accept), key=lambda one: -one[1])
    return next(
        (_OFFERS[name] for name, quality in ranked if quality > 0 and name in _OFFERS), None
    )


def prefers_html(accept: str | None) -> bool:
    """Whether a person is looking: a browser asks for HTML before anything of ours."""
    return _names(accept, "text/html")


def _names(accept: str | None, media_type: str) -> bool:
    if not accept or media_type not in accept.lower():
        return False
    return media_type in [name for name, quality in _ranges(accept) if quality > 0]


def _ranges(accept: str) -> list[tuple[str, float]]:
    """The media ranges with their qualities, in the order given."""
    found = []
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        found.append((name, _quality(parameters)))
    return found


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
