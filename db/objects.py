"""Single rows that PostgreSQL writes as JSON, with the lists that stand in them and beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from db.inside import Form, Forms, Layout, Rows, Writing, args_of, with_lists
from db.leaves import LeafPage, Reading, Table, leaf_page, leaves
from db.paging import Page
from db.pool import Row


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
    beside: Sequence[LeafPage]


class Objects:
    """How rows of a table are read so, in a statement with so many arguments of its own before."""

    def __init__(self, table: Table, wanted: Wanted, before: int) -> None:
        self._beside = wanted.beside
        beside = tuple([_form(one) for one in wanted.beside])
        inside = tuple([one.form for one in wanted.lists])
        self._composed = composed = _composed(table, wanted.layout, inside, beside, before + 1)
        self.columns, self.joins = composed.columns, composed.joins
        pages = [args_of([one.rows, *one.lists]) for one in wanted.beside]
        self.args = [*args_of(wanted.lists), *chain.from_iterable(pages)]

    def of(self, row: Row) -> Object:
        """What stands in a row of the statement."""
        owner, id, context_type, written, cost, read, *gathered = row
        pages = []
        for one, width in zip(self._beside, self._composed.widths, strict=True):
            pages.append(leaf_page(owner, gathered[:width], one.page))
            gathered = gathered[width:]
        return Object(owner, id, context_type, written, cost, read, pages)


BesideForm = tuple[Layout, tuple[Form, ...]]
"""How the nodes of a page are laid out; its statement, and those of the lists inside."""


def _form(one: Beside) -> BesideForm:
    return one.node, (one.rows.form, *[rows.form for rows in one.lists])


class Composed(NamedTuple):
    """The columns of a statement, what is joined to its rows, and how many columns each page beside them has."""

    columns: str
    joins: str
    widths: Sequence[int]


@lru_cache(maxsize=256)
def _composed(
    table: Table,
    layout: Layout,
    inside: tuple[Form, ...],
    beside: tuple[BesideForm, ...],
    first: int,
) -> Composed:
    forms = Forms([*inside, *chain.from_iterable(forms for _, forms in beside)], first)
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
    return Composed(", ".join([own, within, *columns]), " ".join(writing.joins), widths)


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
