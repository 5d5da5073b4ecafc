"""Single rows that PostgreSQL writes as JSON, with the lists that stand in them and beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from db.inside import Form, Forms, Layout, Rows, Writing, with_lists
from db.leaves import LeafPage, Reading, Table, leaf_page, leaves
from db.paging import Page
from db.pool import Database, Row


class Beside(NamedTuple):
    """A list of an object that comes as a page, for whoever looks at where it begins and ends.

    `lists` are those inside its nodes.
    """

    page: Page
    rows: Rows
    node: Layout
    lists: Sequence[Rows] = ()


class Wanted(NamedTuple):
    """What is wanted of an object and of the lists in it. Its values come one by one where there are lists beside."""

    layout: Layout
    lists: Sequence[Rows] = ()
    beside: Sequence[Beside] = ()

    @property
    def args(self) -> list[object]:
        """What the statements of all lists are given, in turn."""
        args: list[object] = []
        for rows in self.lists:
            args += rows.args
        for one in self.beside:
            args += one.rows.args
            for rows in one.lists:
                args += rows.args
        return args


@dataclass(slots=True)
class Object:
    """A row, written: the whole of it as one text, or value by value, and the pages beside it.

    What stands inside costs `cost`, and holds contexts of the types `read`, with commas between them.
    """

    owner: UUID
    id: UUID
    context_type: str | None
    written: str | Sequence[str]
    cost: int
    read: str | None
    beside: Sequence[LeafPage] = ()


Statement = Callable[[str, str], str]
"""Made of what is read of a row, and of what is joined to it."""


@dataclass(frozen=True, slots=True, eq=False)
class Single:
    """How a row of a table is read by its key, which is so many arguments; those of the lists follow."""

    table: Table
    statement: Statement
    key: int

    async def read(self, db: Database, key: tuple[UUID, ...], wanted: Wanted) -> Object | None:
        """The row as JSON, if it is there."""
        composed = self.composed(wanted)
        if not composed.has_lists:
            row = await db.fetchrow(composed.sql, *key)
            return Object(*row) if row else None
        row = await db.fetchrow(composed.sql, *key, *wanted.args)
        return composed.read(row, wanted.beside) if row else None

    def composed(self, wanted: Wanted) -> Composed:
        """What the same lists in the same layout are read by."""
        layout, lists, beside = wanted
        if not lists and not beside:
            return _composed(self, layout)
        inside = tuple([one.form for one in lists]) if lists else ()
        return _composed(self, layout, inside, tuple(map(_form, beside)))


BesideForm = tuple[Layout, tuple[Form, ...]]
"""How the nodes of a page are laid out; its statement, and those of the lists inside."""


def _form(one: Beside) -> BesideForm:
    forms = [rows.form for rows in one.lists] if one.lists else ()
    return one.node, (one.rows.form, *forms)


class Composed(NamedTuple):
    """A statement, and how many columns each page beside the row has; whether there are any lists at all."""

    sql: str
    widths: Sequence[int]
    has_lists: bool

    def read(self, row: Row, beside: Sequence[Beside]) -> Object:
        """What stands in a row, with these pages beside it."""
        owner, id, context_type, written, cost, read, *gathered = row
        pages = []
        for one, width in zip(beside, self.widths, strict=True):
            pages.append(leaf_page(owner, gathered[:width], one.page))
            gathered = gathered[width:]
        return Object(owner, id, context_type, written, cost, read, pages)


@lru_cache(maxsize=256)
def _composed(
    single: Single,
    layout: Layout,
    inside: tuple[Form, ...] = (),
    beside: tuple[BesideForm, ...] = (),
) -> Composed:
    table, all_forms = single.table, [*inside, *chain.from_iterable(forms for _, forms in beside)]
    forms = Forms(all_forms, single.key + 1)
    writing = Writing(table, forms)
    if beside:
        written = f"array[{', '.join([writing.value(one) for one in layout.values])}]::text[]"
    else:
        written = writing.whole(layout)
    own = f"{table.alias}.{table.owner}, {table.alias}.id, {table.context_type}, {written}"
    within = f"({writing.cost})::int, {writing.types}"
    pages = [_page(writing, node, is_filled=len(forms) > 1) for node, forms in beside]
    columns = [f"{page}.{column}" for page, names in pages for column in names]
    widths = [len(names) for _, names in pages]
    sql = single.statement(", ".join([own, within, *columns]), " ".join(writing.joins))
    return Composed(sql, widths, bool(all_forms))


def _page(writing: Writing, node: Layout, *, is_filled: bool) -> tuple[str, Sequence[str]]:
    """A page is joined to the row, under this name and with these columns."""
    form, first = writing.forms.take()
    reading: Reading = leaves(form.table, node.leaves, placed=node.placed)
    if is_filled:
        reading = with_lists(form.table, node, writing.forms)
    columns = [f"v{n}" for n in range(6 if is_filled else 3)]
    name = f"b{len(writing.joins)}"
    writing.join(reading.inside(form.sql(reading.columns, first)), f"{name}({', '.join(columns)})")
    return name, columns
