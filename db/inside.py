"""Lists that stand inside the objects which PostgreSQL writes: parents, children and theirs are one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from db.leaves import LeafValue, Reading, Table, columns, leaves, object_of, part, value_of


class Rows(NamedTuple):
    """Where the rows of a list come from, within a statement that reads the row of their parent.

    `sql` makes the statement of them, and its arguments: of what is read of each row, and of the number of the first
    placeholder.
    """

    table: Table
    sql: Callable[[str, int], tuple[str, Sequence[object]]]


@dataclass(frozen=True, slots=True)
class Inside:
    """A list in an object: the text before its edges and after them, and that around each node, which has `values`.

    It costs `fixed`, and `each` for each edge.
    """

    key: str
    opens: str
    before: str
    after: str
    closes: str
    fixed: int
    each: int
    rows: Rows
    values: tuple[Value, ...]


Value = LeafValue | Inside


@dataclass(slots=True)
class Writing:
    """SQL of objects in which lists stand: each is joined to the row of its object, as one text.

    Placeholders are counted from `first`. `costs` and `read` are, list by list, what it costs and which types of
    contexts are in it.
    """

    table: Table
    first: int
    args: list[object] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    costs: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def whole(self, values: Sequence[Value]) -> str:
        """An object with all these values."""
        return object_of(
            [
                part(self.table, one)
                if isinstance(one, LeafValue)
                else f"'\"{one.key}\":' || {self.value(one)}"
                for one in values
            ]
        )

    def value(self, one: Value) -> str:
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

    @property
    def next(self) -> int:
        """The number of the next placeholder."""
        return self.first + len(self.args)

    def join(self, rows: str, args: Sequence[object], names: str) -> None:
        """Have these rows beside the row of the object."""
        self.joins.append(f"cross join lateral ({rows}) {names}")
        self.args += args

    def _list(self, inside: Inside) -> str:
        table = inside.rows.table
        node = Writing(table, self.next)
        edge = f"'{inside.before}' || {node.whole(inside.values)} || '{inside.after}'"
        read = f"{edge} as edge, {table.context_type} as context_type"
        if node.joins:
            # What stands inside is read of the rows of the page, and of no others.
            rows, args = inside.rows.sql(f"{table.alias}.*", node.next)
            beside = f"{node.cost} as cost, {node.types} as read"
            rows = f"select {read}, {beside} from ({rows}) {table.alias} {' '.join(node.joins)}"
        else:
            rows, args = inside.rows.sql(read, node.next)
        return self._joined(inside, node, rows, [*node.args, *args])

    def _joined(self, inside: Inside, node: Writing, rows: str, args: Sequence[object]) -> str:
        name = f"l{len(self.joins)}"
        self.costs.append(f"{name}.cost")
        cost = f"count(*) * {inside.each} + {inside.fixed}"
        types = ["string_agg(context_type, ',')"] if inside.rows.table.holds_contexts else []
        if node.joins:
            cost += " + coalesce(sum(cost), 0)"
        if node.read:
            types.append("string_agg(read, ',')")
        if types:
            self.read.append(f"{name}.read")
        read = f"concat_ws(',', {', '.join(types)})" if types else "null::text"
        gathered = f"string_agg(edge, ',') as edges, {cost} as cost, {read} as read"
        self.join(f"select {gathered} from ({rows}) r", args, name)
        return f"'{inside.opens}' || coalesce({name}.edges, '') || '{inside.closes}'"


GATHERED = ", ".join(
    f"array_agg({column})"
    for column in ("context_type", "place", "object", "owner", "cost", "read")
)


@dataclass(frozen=True, slots=True)
class Filled:
    """Objects with lists inside them, a page each."""

    writing: Writing
    written: str

    @property
    def columns(self) -> str:
        return f"{self.writing.table.alias}.*"

    @property
    def args(self) -> Sequence[object]:
        return self.writing.args

    def outside(self, parent: str) -> str:
        return f"{parent}, p.*"

    def inside(self, rows: str) -> str:
        writing, table = self.writing, self.writing.table
        read = (
            f"{columns(table, self.written)}, {table.alias}.{table.owner} as owner, "
            f"({writing.cost})::int as cost, {writing.types} as read"
        )
        joined = f"select {read} from ({rows}) {table.alias} {' '.join(writing.joins)}"
        return f"select {GATHERED} from ({joined}) r"


def filled(table: Table, values: tuple[Value, ...], first: int) -> Reading:
    """Objects with these values, be there lists among them or not; placeholders are counted from `first`."""
    if all(isinstance(one, LeafValue) for one in values):
        return leaves(table, values)
    writing = Writing(table, first)
    return Filled(writing, writing.whole(values))
