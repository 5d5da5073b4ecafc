"""The two scalars of our own, strict in what they take."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import isfinite
from typing import Any, NewType

import orjson
from graphql import GraphQLError, Undefined
from strawberry.types.scalar import ScalarDefinition, scalar

JSON = NewType("JSON", object)
"""Any JSON value; the inputs say where it has to be an object."""

MAX_JSON_BYTES = 256 * 1024
MAX_JSON_DEPTH = 32
BACKSLASH = ord("\\")

_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def parsed_time(value: object) -> datetime:
    """An RFC 3339 time with an offset, in UTC to the microsecond. Raises `GraphQLError`."""
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        try:
            time = datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        else:
            # A day of room at both ends, for the bounds that pagination adds.
            if 1 < time.year < 9999:
                return time
    raise GraphQLError(
        "DateTime must be an RFC 3339 time with an offset, such as 2026-11-23T10:00:00Z."
    )


def written_time(time: datetime) -> str:
    """The time in UTC, such as 2026-11-23T10:00:00.123456Z."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parsed_json(value: object) -> object:
    """The value, if PostgreSQL can keep it as it is. Raises `GraphQLError`."""
    if not _is_plainly_storable(value):
        _require_storable(value, MAX_JSON_DEPTH)
        size = len(orjson.dumps(value, default=_unknown_yet))
        if size > MAX_JSON_BYTES:
            raise GraphQLError(f"JSON must be at most {MAX_JSON_BYTES} bytes; this is {size}.")
    return value


def _is_plainly_storable(value: object) -> bool:
    """True of nearly all that is storable, by a look at its text; of what is left each value has to be looked at."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
    except TypeError:
        return False
    return (
        len(text) <= MAX_JSON_BYTES
        # Not more levels than there are brackets, be they in texts.
        and text.count(b"{") + text.count(b"[") <= MAX_JSON_DEPTH
        # `in` takes twice as long to look for bytes as `find`, and no time at all to look for one byte.
        and (BACKSLASH not in text or text.find(b"\\u0000") < 0)
        # As which a number is written that is not finite.
        and text.find(b"null") < 0
    )


def _unknown_yet(value: object) -> None:
    # A literal may hold variables, whose values are not known while the document is validated.
    if value is not Undefined:
        raise TypeError


def _require_storable(value: Any, depth: int) -> None:
    if depth < 0:
        raise GraphQLError(f"JSON must be at most {MAX_JSON_DEPTH} levels deep.")
    match value:
        case str():
            _require_text(value)
        case bool() | None:
            pass
        case int() if not -(2**63) <= value < 2**63:
            raise GraphQLError("A whole number in JSON must fit in 64 bits; send it as a string.")
        case float() if not isfinite(value):
            raise GraphQLError("A number in JSON must be finite.")
        case dict():
            for key, inner in value.items():
                _require_text(key)
                _require_storable(inner, depth - 1)
        case list():
            for inner in value:
                _require_storable(inner, depth - 1)


def _require_text(text: str) -> None:
    if "\x00" in text:
        raise GraphQLError("Text in JSON must not contain the character U+0000.")


SCALARS: dict[object, ScalarDefinition] = {
    datetime: scalar(
        name="DateTime",
        description="A time by RFC 3339 with an offset, such as `2026-11-23T10:00:00Z`. Written in UTC.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=written_time,
        parse_value=parsed_time,
    ),
    JSON: scalar(
        name="JSON",
        description=(
            "Any JSON value (RFC 8259): at most 256 KiB and 32 levels deep, "
            "whole numbers of at most 64 bits, no U+0000."
        ),
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=lambda value: value,
        parse_value=parsed_json,
    ),
}
