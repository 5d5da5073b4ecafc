"""Single rows that PostgreSQL writes as JSON, with the lists that stand in them and beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from db.inside import Filled, Rows, Value, Writing, filled
from db.leaves import LeafPage, Table, leaf_page
from db.paging import Page
from db.pool import Row


class Beside(NamedTuple):
    """A list of an object that comes as a page, for whoever looks at where it begins and ends."""

    rows: Rows
    page: Page
    values: tuple[Value, ...]


class Wanted(NamedTuple):
    """What is wanted of an object. Where there are lists beside it, its values come one by one."""

    values: tuple[Value, ...]
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
        self._writing = writing = Writing(table, before + 1)
        if wanted.beside:
            written = f"array[{', '.join([writing.value(one) for one in wanted.values])}]::text[]"
        else:
            written = writing.whole(wanted.values)
        alias = table.alias
        own = f"{alias}.{table.owner}, {alias}.id, {table.context_type}, {written}"
        inside = f"({writing.cost})::int, {writing.types}"
        self._widths: list[int] = []
        self.columns = ", ".join([own, inside, *map(self._page, wanted.beside)])
        self.joins = " ".join(writing.joins)
        self.args = writing.args

    def _page(self, one: Beside) -> str:
        """The columns of a page that is joined to the row."""
        writing = self._writing
        reading = filled(one.rows.table, one.values, writing.next)
        rows, args = one.rows.sql(reading.columns, writing.next + len(reading.args))
        width = 6 if isinstance(reading, Filled) else 3
        name, columns = f"b{len(writing.joins)}", [f"v{n}" for n in range(width)]
        writing.join(reading.inside(rows), [*reading.args, *args], f"{name}({', '.join(columns)})")
        self._widths.append(width)
        return ", ".join(f"{name}.{column}" for column in columns)

    def of(self, row: Row) -> Object:
        """What stands in a row of the statement."""
        owner, id, context_type, written, cost, read, *gathered = row
        pages = []
        for one, width in zip(self._beside, self._widths, strict=True):
            pages.append(leaf_page(owner, gathered[:width], one.page))
            gathered = gathered[width:]
        return Object(owner, id, context_type, written, cost, read, pages)
