"""Which single objects can come written from the store, and which of their lists beside them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    get_nullable_type,
    is_non_null_type,
)

from api.plan.completing import Completion, Leaf
from api.plan.objects import ListBeside, ObjectReading, WrittenFound
from api.plan.written import Value, class_of, laid_out, value_of, written_edges

if TYPE_CHECKING:
    from api.plan.making import Details, Making, Place


def object_reading(
    making: Making,
    kind: GraphQLOutputType,
    details: Details,
    place: Place,
    completion: Completion,
) -> ObjectReading | None:
    """How a single object of this type is read; None where it is no such thing."""
    if not isinstance(get_nullable_type(kind), GraphQLObjectType | GraphQLInterfaceType):
        return None
    written = cache(lambda of: written_found(making, making.kind(of), details, place))
    return ObjectReading(completion, Leaf(None, is_non_null_type(kind)), written)


def written_found(
    making: Making, node: GraphQLObjectType, details: Details, place: Place
) -> WrittenFound | None:
    """How an object of this type is written; None when there is something that the store cannot write."""
    kind = class_of(node)
    if kind is None:
        return None
    asked = making.asked(node, details)
    values: dict[str, Value] = {}
    beside: list[ListBeside] = []
    for key, one in asked.items():
        within = place.inner.get(key)
        if value := value_of(making, node, key, one, within):
            values[key] = value
        elif within and (listed := _list_beside(making, node, key, one, within)):
            beside.append(listed)
        else:
            return None
    found = laid_out(kind, list(values.values()))
    return WrittenFound(found, list(values), list(asked), beside, place.each)


def _list_beside(
    making: Making, node: GraphQLObjectType, key: str, details: Details, place: Place
) -> ListBeside | None:
    connection = making.connection(node, details)
    edges = connection and written_edges(making, connection, details, place)
    return ListBeside(key, making.call(node, details), edges, place.work) if edges else None
