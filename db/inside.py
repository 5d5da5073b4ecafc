"""Lists that stand inside the objects which PostgreSQL writes: parents, children and theirs are one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from db.leaves import (
    LeafValue,
    Leaves,
    Reading,
    Table,
    columns,
    keyed,
    leaves,
    object_of,
    text_of,
    value_of,
)
from db.paging import Page, way

MOST_ROWS = 256
"""How many ways to read the rows of a list are kept, of those that were asked for last: mostly it is the same few."""


@dataclass(frozen=True, slots=True)
class Form:
    """The statement that reads the rows of a list, within one that reads the row of their parent.

    `shape` tells it from others. `sql` makes it: of what is read of each row, and of the number of the first of its
    `placeholders`. The limit stands in it as it is: what PostgreSQL does not know when it plans makes it plan anew.
    """

    table: Table
    shape: tuple[object, ...]
    placeholders: int = field(compare=False)
    sql: Callable[[str, int], str] = field(compare=False)


class Rows(NamedTuple):
    """Where the rows of a list come from: the statement, and what it is given."""

    form: Form
    args: Sequence[object]


def stretch(table: Table, name: str, asked: Page, sql: Callable[[str, str, str, str], str]) -> Rows:
    """A page of a list by time. `sql` makes the statement of what is read, of the bounds, the order and the limit."""
    order, limit, within = way(descending=asked.descending), str(asked.limit), asked.within

    def rows(columns: str, first: int) -> str:
        return sql(columns, within.sql(table.alias, first), order, limit)

    shape = (name, order, limit, within.sides)
    return Rows(Form(table, shape, len(within.args), rows), within.args)


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """What stands in an object: its values, and lists. One that is made once is composed once.

    `placed` says whether anybody asks where the object stands in its list.
    """

    values: tuple[LeafValue | Inside, ...]
    placed: bool = True

    @property
    def leaves(self) -> tuple[LeafValue, ...]:
        """All but the lists."""
        return tuple([one for one in self.values if isinstance(one, LeafValue)])


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """A list in an object: the text before its edges and after them, and that around each of its nodes.

    It costs `fixed`, and `each` for each edge.
    """

    key: str
    opens: str
    before: str
    after: str
    closes: str
    fixed: int
    each: int
    node: Layout


class Forms:
    """The statements of all lists of an object, in turn, each before those that stand within it.

    Their placeholders are counted from `first`.
    """

    def __init__(self, forms: Sequence[Form], first: int) -> None:
        self._forms = iter(forms)
        self._first = first

    def take(self) -> tuple[Form, int]:
        """The next one, and the number of its first placeholder."""
        form, first = next(self._forms), self._first
        self._first += form.placeholders
        return form, first


@dataclass(slots=True)
class Writing:
    """SQL of objects in which lists stand: each is joined to the row of its object, as one text.

    `costs` and `read` are, list by list, what it costs and which types of contexts are in it.
    """

    table: Table
    forms: Forms
    joins: list[str] = field(default_factory=list)
    costs: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def whole(self, layout: Layout) -> str:
        """An object with all its values."""
        return object_of([keyed(one.key, self.value(one)) for one in layout.values])

    def value(self, one: LeafValue | Inside) -> str:
        """A value by itself."""
        return value_of(self.table, one) if isinstance(one, LeafValue) else self._list(one)

    @property
    def cost(self) -> str:
        """Of all that stands inside."""
        return " + ".join(self.costs) or "0"

    @property
    def types(self) -> str:
        """Those of all contexts inside, with commas between them; null where there is no list of any."""
        return f"concat_ws(',', {', '.join(self.read)})" if self.read else "null::text"

    def join(self, rows: str, names: str) -> None:
        """Have these rows beside the row of the object."""
        self.joins.append(f"cross join lateral ({rows}) {names}")

    def _list(self, inside: Inside) -> str:
        form, first = self.forms.take()
        table = form.table
        node = Writing(table, self.forms)
        edge = text_of(f"'{inside.before}'", node.whole(inside.node), f"'{inside.after}'")
        read = f"{edge} as edge, {table.context_type} as context_type"
        if not node.joins:
            return self._joined(inside, node, form.sql(read, first))
        # What stands inside is read of the rows of the page, and of no others.
        rows = form.sql(f"{table.alias}.*", first)
        within = f"{node.cost} as cost, {node.types} as read"
        joined = f"select {read}, {within} from ({rows}) {table.alias} {' '.join(node.joins)}"
        return self._joined(inside, node, joined)

    def _joined(self, inside: Inside, node: Writing, rows: str) -> str:
        name = f"l{len(self.joins)}"
        self.costs.append(f"{name}.cost")
        cost = f"count(*) * {inside.each} + {inside.fixed}"
        types = ["string_agg(context_type, ',')"] if node.table.holds_contexts else []
        if node.joins:
            cost += " + coalesce(sum(cost), 0)"
        if node.read:
            types.append("string_agg(read, ',')")
        if types:
            self.read.append(f"{name}.read")
        read = f"concat_ws(',', {', '.join(types)})" if types else "null::text"
        gathered = f"string_agg(edge, ',') as edges, {cost} as cost, {read} as read"
        self.join(f"select {gathered} from ({rows}) r", name)
        return text_of(f"'{inside.opens}'", f"coalesce({name}.edges, '')", f"'{inside.closes}'")


GATHERED = ", ".join(
    f"array_agg({column})"
    for column in ("context_type", "place", "object", "owner", "cost", "read")
)


@dataclass(frozen=True, slots=True, eq=False)
class Filled:
    """Objects with lists inside them, a page each: `written` is what is read of each row, beside those of the lists."""

    alias: str
    written: str
    joins: str

    @property
    def columns(self) -> str:
        return f"{self.alias}.*"

    def outside(self, parent: str) -> str:
        return f"{parent}, p.*"

    def inside(self, rows: str) -> str:
        joined = f"select {self.written} from ({rows}) {self.alias} {self.joins}"
        return f"select {GATHERED} from ({joined}) r"


def filled(table: Table, layout: Layout, lists: Sequence[Rows], first: int) -> Reading:
    """Objects laid out so, with these lists inside, if any; their placeholders are counted from `first`."""
    if not lists:
        return _plain(table, layout)
    return _filled(table, layout, tuple([one.form for one in lists]), first)


def args_of(lists: Sequence[Rows]) -> list[object]:
    """What the statements of all of them are given, in turn."""
    return [value for one in lists for value in one.args]


@lru_cache(maxsize=256)
def _plain(table: Table, layout: Layout) -> Leaves:
    return leaves(table, layout.leaves, placed=layout.placed)


@lru_cache(maxsize=256)
def _filled(table: Table, layout: Layout, forms: tuple[Form, ...], first: int) -> Filled:
    return with_lists(table, layout, Forms(forms, first))


def with_lists(table: Table, layout: Layout, forms: Forms) -> Filled:
    """Objects laid out so, with lists whose statements are these."""
    writing = Writing(table, forms)
    written = columns(table, writing.whole(layout), placed=layout.placed)
    within = f"({writing.cost})::int as cost, {writing.types} as read"
    owner = f"{table.alias}.{table.owner} as owner"
    return Filled(table.alias, f"{written}, {owner}, {within}", " ".join(writing.joins))
