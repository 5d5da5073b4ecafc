"""Rows that PostgreSQL writes as JSON objects, for whoever only hands them on.

Nothing is taken apart to be put together again: a page is one row, in which its objects stand as a list of texts.
What is written is, value by value, what the graph would write; `db.inside` writes the lists that stand in an object.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from db.paging import Page
from db.pool import Row


class Written(Enum):
    """How a value is written."""

    PLAIN = auto()
    """A number, a truth value or a document, as PostgreSQL writes it by itself."""
    TEXT = auto()
    TIME = auto()
    """In UTC, by RFC 3339: with six digits of a second, or none."""
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


class Table(NamedTuple):
    """A table whose rows are written, under the name that it has in every statement.

    `owner` is the column of the user whose the row is; `holds_contexts` says what is to be observed when it is read.
    """

    alias: str
    owner: str = "user_id"
    holds_contexts: bool = False

    @property
    def context_type(self) -> str:
        """In SQL."""
        return f"{self.alias}.context_type" if self.holds_contexts else "null::text"


@dataclass(slots=True)
class LeafPage:
    """The rows of one parent, in the list's order: `places` are where they stand in it, as cursors write it.

    `context_types` are there for contexts only, of those that are seen, in no order. What stands inside the objects
    costs `cost`; `read` are the types of the contexts in it, with commas between them, and whose they are.
    """

    user_id: UUID
    context_types: Sequence[str]
    places: Sequence[str]
    objects: Sequence[str]
    cost: int = 0
    read: Sequence[tuple[UUID, str]] = ()

    def __len__(self) -> int:
        return len(self.objects)


class Reading(Protocol):
    """What is read of the rows of a page, and how. The same one makes the same statement."""

    @property
    def columns(self) -> str: ...

    def __hash__(self) -> int: ...

    def outside(self, parent: str) -> str:
        """The columns of the whole statement; `parent` are two that tell whose page it is."""

    def inside(self, rows: str) -> str:
        """What stands in the lateral join, around the statement that reads the rows of one parent."""


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """All columns of a record, a row each."""

    columns: str

    def outside(self, parent: str) -> str:  # it is among the columns
        return "p.*"

    def inside(self, rows: str) -> str:
        return rows


@dataclass(frozen=True, slots=True, eq=False)
class Leaves:
    """Objects with nothing inside them, a page each."""

    columns: str

    def outside(self, parent: str) -> str:
        return f"{parent}, p.*"

    def inside(self, rows: str) -> str:
        # The rows are gathered in the order in which they are read.
        return (
            f"select array_agg(context_type), array_agg(place), array_agg(object) from ({rows}) r"
        )


def leaves(table: Table, values: tuple[LeafValue, ...], *, placed: bool = True) -> Leaves:
    """Objects with these values."""
    written = object_of([keyed(value.key, value_of(table, value)) for value in values])
    return Leaves(columns(table, written, placed=placed))


def columns(table: Table, written: str, *, placed: bool) -> str:
    """What is read of each row of a page, of which `written` is the object; where it stands only if that is asked."""
    place = _place(table.alias) if placed else "null::text"
    return f"{table.context_type} as context_type, {place} as place, {written} as object"


def leaf_pages(rows: Sequence[Row], asked: Page) -> dict[tuple[UUID, UUID | None], LeafPage]:
    """The pages by the two columns that tell whose they are."""
    pages = {}
    for user_id, conversation_id, *gathered in rows:
        pages[user_id, conversation_id] = leaf_page(user_id, gathered, asked)
    return pages


def leaf_page(user_id: UUID, gathered: Iterable[Any], asked: Page) -> LeafPage:
    """One page: its types, places and objects; where there are lists inside these, whose, their costs and types."""
    types, places, objects, *inside = gathered
    places, objects = places or (), objects or ()
    # The row too many is read last, and nobody sees it.
    seen = asked.limit - asked.spare
    page = LeafPage(user_id, types[:seen] if types and types[0] else (), places, objects)
    if inside:
        owners, costs, read = [part[:seen] if part else () for part in inside]
        page.cost = sum(costs)
        page.read = [one for one in zip(owners, read, strict=True) if one[1] is not None]
    if asked.from_end:
        page.places, page.objects = places[::-1], objects[::-1]
    return page


SINCE_1970 = "interval '262968 hours'"
"""PostgreSQL counts from 2000. Hours need no calendar, and a time is sent sooner than its epoch is reckoned."""


def _place(alias: str) -> str:
    """Microseconds since 1970, then the id."""
    return _base64url(
        f"timestamptz_send({alias}.created_at + {SINCE_1970}) || uuid_send({alias}.id)"
    )


def text_of(*parts: str) -> str:
    """These texts in SQL, one after the other.

    Literals that meet are one: to append two takes PostgreSQL twice as long, and it does not join them by itself.
    """
    return " || ".join(parts).replace("' || '", "")


def object_of(parts: Sequence[str]) -> str:
    """An object in SQL, of its keys with their values."""
    return text_of("'{'", " || ',' || ".join(parts), "'}'") if parts else "'{}'"


def keyed(key: str, sql: str) -> str:
    """A key with this value, in SQL."""
    return text_of(f"'\"{key}\":'", sql)


def value_of(table: Table, value: LeafValue) -> str:
    """The value as JSON, in SQL."""
    column = f"{table.alias}.{value.source}"
    match value.written:
        case Written.PLAIN:
            sql = f"{column}::text"
        case Written.TEXT:
            sql = f"to_json({column})::text"
        case Written.TIME:
            sql = _time(column)
        case Written.ID:
            sql = text_of("'\"'", _global_id(table, value.source), "'\"'")
        case Written.NAME:
            sql = f"'\"{value.source}\"'"
    return f"coalesce({sql}, 'null')" if value.nullable else sql


def _time(column: str) -> str:
    """As JSON has it: the session is in UTC, and a fraction that is nothing is left out.

    `to_json` takes less by itself, but leaves zeros out at the end, and what puts them back is dear to begin.
    """
    written = f"""to_char({column}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return text_of("'\"'", f"replace({written}, '.000000Z', 'Z')", "'\"'")


def _global_id(table: Table, kind: str) -> str:
    whose = f"'{kind}'::bytea || uuid_send({table.alias}.{table.owner})"
    if table.owner == "id":
        # The id of a user names it once, and does not fill the last place.
        return f"rtrim({_base64url(whose)}, '=')"
    return _base64url(f"{whose} || uuid_send({table.alias}.id)")


def _base64url(sql: str) -> str:
    # `translate` looks at each character, which takes several times as long.
    return f"replace(replace(encode({sql}, 'base64'), '+', '-'), '/', '_')"
