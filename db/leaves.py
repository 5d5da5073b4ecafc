"""Pages whose rows PostgreSQL writes as JSON objects, for whoever only hands them on.

Nothing is taken apart to be put together again: a page is one row, in which its objects stand as a list of texts.
What is written is, value by value, what the graph would write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple, Protocol
from uuid import UUID

from db.paging import Page
from db.pool import Row


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
    """One value of an object: the key that it stands under, and the column that it comes from."""

    key: str
    source: str
    written: Written
    nullable: bool = False


@dataclass(slots=True)
class LeafPage:
    """The rows of one parent, in the list's order: `places` are where they stand in it, as cursors write it.

    `context_types` are there for contexts only.
    """

    user_id: UUID
    context_types: Sequence[str]
    places: Sequence[str]
    objects: Sequence[str]

    def __len__(self) -> int:
        return len(self.objects)


class Reading(Protocol):
    """What is read of the rows of a page, and how."""

    @property
    def columns(self) -> str: ...

    def outside(self, parent: str) -> str:
        """The columns of the whole statement; `parent` are two that tell whose page it is."""

    def inside(self, rows: str) -> str:
        """What stands in the lateral join, around the statement that reads the rows of one parent."""


@dataclass(frozen=True, slots=True)
class Whole:
    """All columns of a record, a row each."""

    columns: str

    def outside(self, parent: str) -> str:  # it is among the columns
        return "p.*"

    def inside(self, rows: str) -> str:
        return rows


@dataclass(frozen=True, slots=True)
class Leaves:
    """Objects, a page each."""

    columns: str

    def outside(self, parent: str) -> str:
        return f"{parent}, p.*"

    def inside(self, rows: str) -> str:
        # The rows are gathered in the order in which they are read.
        return (
            f"select array_agg(context_type), array_agg(place), array_agg(object) from ({rows}) r"
        )


@lru_cache(maxsize=256)
def leaves(alias: str, context_type: str, values: tuple[LeafValue, ...]) -> Leaves:
    """Objects with these values; `alias` names the table, and `context_type` is SQL or null."""
    place, value = _place(alias), _object(alias, values)
    return Leaves(f"{context_type} as context_type, {place} as place, {value} as object")


def leaf_pages(rows: Sequence[Row], asked: Page) -> dict[tuple[UUID, UUID | None], LeafPage]:
    """The pages by the two columns that tell whose they are."""
    pages = {}
    for user_id, conversation_id, types, places, objects in rows:
        page = LeafPage(user_id, types or (), places or (), objects or ())
        if asked.from_end:
            page.context_types, page.places, page.objects = (
                part[::-1] for part in (page.context_types, page.places, page.objects)
            )
        pages[user_id, conversation_id] = page
    return pages


def _place(alias: str) -> str:
    """Microseconds since 1970, then the id."""
    microseconds = f"(extract(epoch from {alias}.created_at) * 1000000)::bigint"
    return _base64url(f"int8send({microseconds}) || uuid_send({alias}.id)")


def _object(alias: str, values: Sequence[LeafValue]) -> str:
    if not values:
        return "'{}'"
    parts = [f"'\"{value.key}\":' || {_value(alias, value)}" for value in values]
    return "'{' || " + " || ',' || ".join(parts) + " || '}'"


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
            sql = f"'\"' || {_global_id(alias, value.source)} || '\"'"
        case Written.NAME:
            sql = f"'\"{value.source}\"'"
    return f"coalesce({sql}, 'null')" if value.nullable else sql


def _global_id(alias: str, kind: str) -> str:
    return _base64url(f"'{kind}'::bytea || uuid_send({alias}.user_id) || uuid_send({alias}.id)")


def _base64url(sql: str) -> str:
    # `translate` looks at each character, which takes several times as long.
    return f"replace(replace(encode({sql}, 'base64'), '+', '-'), '/', '_')"
