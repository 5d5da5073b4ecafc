"""Connections by the Relay cursor specification, over keyset pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import strawberry

from api.errors import BadUserInput
from api.schema.cursor import ListId, decoded, encoded, list_id
from db.paging import Key, Page

DEFAULT_SIZE = 20
MAX_SIZE = 100

First = Annotated[
    int | None,
    strawberry.argument(
        description="How many to return from the start: 0 to 100. Without `first` and `last`: 20."
    ),
]
After = Annotated[
    str | None, strawberry.argument(description="Return what comes after this cursor.")
]
Last = Annotated[
    int | None,
    strawberry.argument(
        description="How many to return from the end: 0 to 100. Not together with `first`."
    ),
]
Before = Annotated[
    str | None, strawberry.argument(description="Return what comes before this cursor.")
]

NodeType = TypeVar("NodeType")
Record = TypeVar("Record")


class Asked(NamedTuple):
    """A page as a client asked for it. `page` reads one row more than `size`, to see whether there are more."""

    size: int
    page: Page
    list_of: tuple[object, ...]
    """What tells the list from others."""

    @property
    def list_id(self) -> ListId:
        return list_id(*self.list_of)

    @property
    def exactly(self) -> Page:
        """The page for whoever does not ask whether there are more."""
        page = self.page
        if page.after is None and page.before is None:
            return _beginning(self.size, 0, page.newest_first, page.from_end)
        return replace(page, limit=self.size, spare=0)


def asked_page(
    list_of: tuple[object, ...],
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
    *,
    newest_first: bool = True,
) -> Asked:
    """The four arguments of a connection as a page. Raises `BadUserInput`."""
    size = _asked_size(first, last)
    page = _beginning(size, 1, newest_first, last is not None)
    if after is not None or before is not None:
        page = replace(
            page,
            after=decoded(list_id(*list_of), after) if after is not None else None,
            before=decoded(list_id(*list_of), before) if before is not None else None,
        )
    return Asked(size, page, list_of)


@cache
def _beginning(size: int, spare: int, newest_first: bool, from_end: bool) -> Page:  # it is a key
    """The page from an end of a list, the same one each time."""
    return Page(size + spare, newest_first, from_end, spare=spare)


def _asked_size(first: int | None, last: int | None) -> int:
    if first is not None and last is not None:
        raise BadUserInput("Pass either first or last, not both.")
    name, size = ("last", last) if last is not None else ("first", first)
    if size is None:
        return DEFAULT_SIZE
    if not 0 <= size <= MAX_SIZE:
        raise BadUserInput(f"{name} must be from 0 to {MAX_SIZE}; it is {size}.")
    return size


Look = Callable[[Page], Awaitable[Sequence[Any]]]
"""Reads another page of the same list."""


class _Existence(NamedTuple):
    """Whether a page has rows: awaited, it is looked at."""

    look: Look
    page: Page

    def __await__(self) -> Generator[Any, Any, bool]:
        return bool((yield from self.look(self.page).__await__()))


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    asked: strawberry.Private[Asked]
    more: strawberry.Private[bool]
    look: strawberry.Private[Look]
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first edge; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last edge; null on an empty page."
    )

    @strawberry.field(description="Whether more follows after this page.", graphql_type=bool)
    def has_next_page(self) -> bool | Awaitable[bool]:
        if not self.asked.page.from_end:
            return self.more
        return self._exists(self.asked.page.following())

    @strawberry.field(description="Whether something stands before this page.", graphql_type=bool)
    def has_previous_page(self) -> bool | Awaitable[bool]:
        if self.asked.page.from_end:
            return self.more
        return self._exists(self.asked.page.preceding())

    def _exists(self, page: Page | None) -> bool | Awaitable[bool]:
        return False if page is None else _Existence(self.look, page)


@strawberry.type(description="One item of a page, with its place in the list.")
class Edge(Generic[NodeType]):
    cursor: str = strawberry.field(
        description="The place of this item, for `after` and `before`; it stays valid when others are added."
    )
    node: NodeType = strawberry.field(description="The item itself.")


@strawberry.type(description="A page of a list, by the Relay cursor connections specification.")
class Connection(Generic[NodeType]):
    count: strawberry.Private[Callable[[], Awaitable[int]]]
    edges: list[Edge[NodeType]] = strawberry.field(description="The items of this page, in order.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in the list.")

    @strawberry.field(
        description="How many items the whole list has. Counted only when it is asked for."
    )
    async def total_count(self) -> int:
        return await self.count()


class Listing(NamedTuple, Generic[Record, NodeType]):
    """A page that is asked for, before anything is read. Awaited, it is read and put on edges.

    `look` reads a page, `count_all` counts the whole list. Of a row, `key` is its place, and `node` what is shown.
    """

    asked: Asked
    look: Callable[[Page], Awaitable[Sequence[Record]]]
    count_all: Callable[[], Awaitable[int]]
    key: Callable[[Record], Key]
    node: Callable[[Record], NodeType]

    def __await__(self) -> Generator[Any, Any, Connection[NodeType]]:
        rows = yield from self.look(self.asked.page).__await__()
        return self.connected(rows)

    def connected(self, rows: Sequence[Record]) -> Connection[NodeType]:
        """The rows of the page on edges."""
        rows, more = self.cut(rows)
        of = self.asked.list_id
        edges = [Edge(cursor=encoded(of, self.key(row)), node=self.node(row)) for row in rows]
        ends = (edges[0].cursor, edges[-1].cursor) if edges else (None, None)
        return self.holding(edges, more, *ends)

    def without_cursors(self, rows: Sequence[Record]) -> Connection[NodeType]:
        """The same for whoever asks neither for cursors nor for where the page stands."""
        rows, more = self.cut(rows)
        return self.holding(
            [Edge(cursor="", node=self.node(row)) for row in rows], more, None, None
        )

    def cut(self, rows: Sequence[Record]) -> tuple[Sequence[Record], bool]:
        """The rows that were asked for, and whether there are more."""
        if len(rows) <= self.asked.size:
            return rows, False
        # The row too many is the one farthest from where the page was read.
        return (rows[1:] if self.asked.page.from_end else rows[:-1]), True

    def holding(
        self, edges: Any, more: bool, start_cursor: str | None, end_cursor: str | None
    ) -> Connection[NodeType]:
        """The page with these edges. Where nothing looks into them they may be anything."""
        page_info = PageInfo(
            asked=self.asked,
            more=more,
            look=self.look,
            start_cursor=start_cursor,
            end_cursor=end_cursor,
        )
        return Connection(count=self.count_all, edges=edges, page_info=page_info)


def connected(
    asked: Asked,
    look: Callable[[Page], Awaitable[Sequence[Record]]],
    count: Callable[[], Awaitable[int]],
    key: Callable[[Record], Key],
    node: Callable[[Record], NodeType],
) -> Connection[NodeType]:
    """A connection that is yet to be read: to whoever executes it is given as a `Listing`, which is awaited."""
    return Listing(asked, look, count, key, node)  # type: ignore[return-value]  # it comes to be one
