"""Rows that PostgreSQL writes as JSON objects, for whoever only hands them on.

Nothing is taken apart to be put together again. What is written is, value by value, what the graph would write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, NamedTuple, TypeVar
from uuid import UUID

from db.pool import Row

Record = TypeVar("Record")


class Written(Enum):
    """How a value is written."""

    PLAIN = auto()
    """A number or a truth value, by itself."""
    TEXT = auto()
    TIME = auto()
    """In UTC, by RFC 3339: with six digits of a second, or none."""
    DOCUMENT = auto()
    """`jsonb`, as PostgreSQL writes it: with a space here and there, so it is to be read once."""
    ID = auto()
    """The global id of the row; `source` is the letter of its kind."""
    NAME = auto()
    """`source` itself, which is a name of the graph."""


class LeafValue(NamedTuple):
    """One value of the object: the key that it stands under, and the column that it comes from."""

    key: str
    source: str
    written: Written
    nullable: bool = False


class Leaf(NamedTuple):
    """A row as an object. `place` is where it stands in its list, as cursors write it; `json` is the object."""

    user_id: UUID
    conversation_id: UUID | None
    context_type: str | None
    place: str
    json: str


@dataclass(frozen=True, slots=True)
class Columns(Generic[Record]):
    """What is read of each row, as SQL, and what is made of it."""

    sql: str
    made: Callable[[Row], Record]


Leaves = Callable[[Sequence[LeafValue]], Columns[Leaf]]
"""The columns of a table as objects with these values."""


def leaves(alias: str, conversation_id: str, context_type: str) -> Leaves:
    """For a table whose rows are of a user and stand in lists by time; the two others are SQL, which may be null."""

    def columns(values: Sequence[LeafValue]) -> Columns[Leaf]:
        sql = f"{alias}.user_id, {conversation_id}, {context_type}, {_place(alias)}, {_object(alias, values)}"
        return Columns(sql, Leaf._make)

    return columns


def whole(columns: str, kind: Callable[..., Record]) -> Columns[Record]:
    """All columns of a record."""
    return Columns(columns, lambda row: kind(*row))


def _place(alias: str) -> str:
    """Microseconds since 1970, then the id."""
    microseconds = f"(extract(epoch from {alias}.created_at) * 1000000)::bigint"
    return f"{_base64url(f'int8send({microseconds}) || uuid_send({alias}.id)')} as place"


def _object(alias: str, values: Sequence[LeafValue]) -> str:
    if not values:
        return "'{}' as json"
    parts = [f"'\"{value.key}\":' || {_value(alias, value)}" for value in values]
    return "'{' || " + " || ',' || ".join(parts) + " || '}' as json"


def _value(alias: str, value: LeafValue) -> str:
    column = f"{alias}.{value.source}"
    match value.written:
        case Written.PLAIN | Written.DOCUMENT:
            sql = f"{column}::text"
        case Written.TEXT:
            sql = f"to_json({column})::text"
        case Written.TIME:
            sql = f"'\"' || replace(to_char({column}, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '.000000Z', 'Z') || '\"'"
        case Written.ID:
            packed = (
                f"'{value.source}'::bytea || uuid_send({alias}.user_id) || uuid_send({alias}.id)"
            )
            sql = f"'\"' || {_base64url(packed)} || '\"'"
        case Written.NAME:
            sql = f"'\"{value.source}\"'"
    return f"coalesce({sql}, 'null')" if value.nullable else sql


def _base64url(sql: str) -> str:
    # `translate` looks at each character, which takes several times as long.
    return f"replace(replace(encode({sql}, 'base64'), '+', '-'), '/', '_')"
