"""How deep, how wide and how costly an operation is, in time that grows with its text and not with its expansion.

A fragment is measured once for each size of page it is spread in, however often it is spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
)

from api.door.documents.price import Prices

INTROSPECTION_ALIAS = 20
"""What an alias counts for inside introspection, where none is needed and each would multiply what is light."""


@dataclass(frozen=True, slots=True)
class Measure:
    """All with every fragment expanded where it is spread; `fields` are those that stand side by side here."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    cost: int = 0

    def beside(self, other: Measure) -> Measure:
        return Measure(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.fields + other.fields,
            self.cost + other.cost,
        )


NOTHING = Measure()

Fragments = Mapping[str, FragmentDefinitionNode]


def measured(prices: Prices, fragments: Fragments, operation: OperationDefinitionNode) -> Measure:
    """The measure of one operation, with the page sizes that its variables give."""
    root = prices.schema.get_root_type(operation.operation)
    return _Measuring(prices, fragments).of(operation.selection_set, root, 1)


class _Measuring:
    def __init__(self, prices: Prices, fragments: Fragments) -> None:
        self._prices = prices
        self._fragments = fragments
        self._known: dict[tuple[str, int], Measure] = {}

    def of(self, selected: SelectionSetNode, parent: GraphQLNamedType | None, page: int) -> Measure:
        """`page` is how many items the list has that may stand among these fields."""
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
                kind = self._prices.schema.get_type(condition.name.value) if condition else parent
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
                kind = self._prices.schema.get_type(node.type_condition.name.value)
                self._known[key] = self.of(node.selection_set, kind, page)
        return self._known[key]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, page: int) -> Measure:
        price = self._prices.of(node, parent, page)
        inner = NOTHING
        if node.selection_set:
            field = self._prices.field(node, parent)
            inner = self.of(
                node.selection_set, get_named_type(field.type) if field else None, price.page
            )
        return Measure(
            depth=1 + inner.depth,
            aliases=_alias(node, parent) + inner.aliases,
            fields=1,
            cost=price.work + price.count * (price.each + inner.cost),
        )


def _alias(node: FieldNode, parent: GraphQLNamedType | None) -> int:
    if node.alias is None:
        return 0
    return INTROSPECTION_ALIAS if parent is not None and parent.name.startswith("__") else 1
