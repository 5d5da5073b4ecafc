"""What an answer has cost: the cost rule over what has really come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from api.door.documents.measure import Fragments
from api.door.documents.price import Prices


@dataclass(slots=True)
class Place:
    """What stands in an answer under one key: each value counts `each`, and that it was asked for, `work`."""

    each: int = 0
    work: int = 0
    inner: dict[str, Place] = field(default_factory=dict)


class Tally:
    """Counts answers to one operation, which has to be valid and within its limits."""

    def __init__(
        self, prices: Prices, fragments: Fragments, operation: OperationDefinitionNode
    ) -> None:
        self._prices = prices
        self._fragments = fragments
        self._operation = operation

    def of(self, data: Mapping[str, Any]) -> int:
        """What this answer counts for."""
        return _within(self.places, data)

    @cached_property
    def places(self) -> dict[str, Place]:
        """What may stand in an answer under each key."""
        places: dict[str, Place] = {}
        root = self._prices.schema.get_root_type(self._operation.operation)
        self._place(self._operation.selection_set, root, places)
        return places

    def _place(
        self, selected: SelectionSetNode, parent: GraphQLNamedType | None, into: dict[str, Place]
    ) -> None:
        for selection in selected.selections:
            match selection:
                case FieldNode():
                    self._place_field(selection, parent, into)
                case InlineFragmentNode():
                    condition = selection.type_condition
                    kind = (
                        self._prices.schema.get_type(condition.name.value) if condition else parent
                    )
                    self._place(selection.selection_set, kind, into)
                case FragmentSpreadNode():
                    fragment = self._fragments[selection.name.value]
                    kind = self._prices.schema.get_type(fragment.type_condition.name.value)
                    self._place(fragment.selection_set, kind, into)

    def _place_field(
        self, node: FieldNode, parent: GraphQLNamedType | None, into: dict[str, Place]
    ) -> None:
        described = self._prices.field(node, parent)
        if node.selection_set is None or described is None:
            return
        price = self._prices.of(node, parent, 1)
        place = into.setdefault(node.alias.value if node.alias else node.name.value, Place())
        # Where objects of several types may stand, each may have a field of its own under the same key.
        place.each, place.work = max(place.each, price.each), max(place.work, price.work)
        self._place(node.selection_set, get_named_type(described.type), place.inner)


def _within(places: Mapping[str, Place], found: Mapping[str, Any]) -> int:
    return sum(
        place.work + _counted(place, found[key]) for key, place in places.items() if key in found
    )


def _counted(place: Place, value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, list):
        return sum(_counted(place, one) for one in value)
    return place.each + _within(place.inner, value)
