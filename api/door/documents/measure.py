"""How deep, how wide and how costly an operation is, in time that grows with its text and not with its expansion.

A fragment is measured once for each size of page it is spread in, however often it is spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

DEFAULT_PAGE = 20
LARGEST_PAGE = 100
PLAIN_LIST = 10
"""What a list counts for that no argument bounds."""

LISTS = {"Grounding.items": 100, "Grounding.prompt": 2}
"""What such a list counts for where ten would be far from what it holds."""

WORK = {"User.grounding": 250}
"""What a field counts for that takes far more than to read an object."""

# What only holds others together is no object of its own.
_WRAPPERS = ("Connection", "PageInfo")


@dataclass(frozen=True, slots=True)
class Measure:
    """`depth` in nested fields, `aliases` and `cost` with every fragment expanded where it is spread."""

    depth: int = 0
    aliases: int = 0
    cost: int = 0

    def beside(self, other: Measure) -> Measure:
        return Measure(
            max(self.depth, other.depth), self.aliases + other.aliases, self.cost + other.cost
        )


NOTHING = Measure()


def measured(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Measure:
    """The measure of one operation of a document, with the page sizes that its variables give."""
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    defaults = {
        one.variable.name.value: one.default_value for one in operation.variable_definitions or ()
    }
    root = schema.get_root_type(operation.operation)
    return _Measuring(schema, fragments, variables, defaults).of(operation.selection_set, root, 1)


class _Measuring:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
        defaults: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._defaults = defaults
        self._known: dict[tuple[str, int], Measure] = {}

    def of(self, selected: SelectionSetNode, parent: GraphQLNamedType | None, page: int) -> Measure:
        """`page` is how many edges the connection has that these fields belong to."""
        total = NOTHING
        for selection in selected.selections:
            total = total.beside(self._of_one(selection, parent, page))
        return total

    def _of_one(
        self, selection: SelectionNode, parent: GraphQLNamedType | None, page: int
    ) -> Measure:
        match selection:
            case FieldNode():
                return self._field(selection, parent, page)
            case InlineFragmentNode():
                condition = selection.type_condition
                kind = self._schema.get_type(condition.name.value) if condition else parent
                return self.of(selection.selection_set, kind, page)
            case FragmentSpreadNode():
                return self._fragment(selection.name.value, page)
            case _:
                return NOTHING

    def _fragment(self, name: str, page: int) -> Measure:
        key = name, page
        if key not in self._known:
            # Until it is known it measures nothing, so that a circle ends; validation will refuse it.
            self._known[key] = NOTHING
            if node := self._fragments.get(name):
                kind = self._schema.get_type(node.type_condition.name.value)
                self._known[key] = self.of(node.selection_set, kind, page)
        return self._known[key]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, page: int) -> Measure:
        field = _definition(parent, node.name.value)
        inner = NOTHING
        if node.selection_set:
            kind = get_named_type(field.type) if field else None
            inner = self.of(node.selection_set, kind, self._page(node, kind))
        name = f"{parent.name if parent else ''}.{node.name.value}"
        count = self._count(node, field, page, LISTS.get(name, PLAIN_LIST))
        cost = count * (WORK.get(name, _weight(field, parent)) + inner.cost)
        return Measure(1 + inner.depth, bool(node.alias) + inner.aliases, cost)

    def _page(self, node: FieldNode, kind: GraphQLNamedType | None) -> int:
        if kind is None or not kind.name.endswith("Connection"):
            return 1
        sizes = [
            self._integer(argument.value)
            for argument in node.arguments or ()
            if argument.name.value in {"first", "last"}
        ]
        return max((size for size in sizes if size is not None), default=DEFAULT_PAGE)

    def _integer(self, value: Any) -> int | None:
        """A page size as the server would take it; None for one that is not given."""
        match value:
            case VariableNode():
                name = value.name.value
                given = self._variables.get(name)
                return _bounded(given) if name in self._variables else self._default(name)
            case IntValueNode():
                # A number with more digits than this is too large anyway.
                return _bounded(int(value.value)) if len(value.value) < 10 else LARGEST_PAGE
            case _:
                return None

    def _default(self, name: str) -> int | None:
        return self._integer(self._defaults.get(name))

    def _count(self, node: FieldNode, field: GraphQLField | None, page: int, plain: int) -> int:
        if field is None or not is_list_type(get_nullable_type(field.type)):
            return 1
        if node.name.value == "edges":
            return page
        for argument in node.arguments or ():
            if argument.name.value == "ids":
                return self._length(argument.value)
        return plain

    def _length(self, value: Any) -> int:
        if isinstance(value, ListValueNode):
            return len(value.values)
        given = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
        return len(given) if isinstance(given, list) else 1


def _bounded(size: object) -> int | None:
    if size is None:
        return None
    if isinstance(size, int) and not isinstance(size, bool):
        return min(max(size, 0), LARGEST_PAGE)
    return LARGEST_PAGE


def _definition(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        field: GraphQLField | None = parent.fields.get(name)
        return field
    return None


def _weight(field: GraphQLField | None, parent: GraphQLNamedType | None) -> int:
    """What one value of the field counts for: an object one, a leaf or a mere wrapper nothing."""
    if field is None:
        return 0
    kind = get_named_type(field.type)
    if not is_composite_type(kind) or kind.name.endswith(_WRAPPERS) or kind.name.startswith("__"):
        return 0
    # The edge has been counted, so the node on it is not.
    return 0 if parent is not None and parent.name.endswith("Edge") else 1
