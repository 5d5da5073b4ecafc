"""JSON objects as PostgreSQL has written them."""

from __future__ import annotations

from typing import Any

import orjson

# PostgreSQL's binary jsonb is the text with a leading version byte.
VERSION = b"\x01"


class Document(dict[str, Any]):
    """A JSON object that was read: `text` is how PostgreSQL writes it, in UTF-8. It is not to be changed."""

    __slots__ = ("text",)
    text: bytes


def sent(value: Any) -> bytes:
    """Any JSON value as PostgreSQL takes it."""
    return VERSION + orjson.dumps(value)


def received(data: bytes) -> Any:
    """The value that PostgreSQL gives; an object is a `Document`."""
    text = data[1:]
    value = orjson.loads(text)
    if type(value) is not dict:
        return value
    document = Document(value)
    document.text = text
    return document
