"""The cost rule: what each field of an operation counts for. docs/graph.md tells it to those who ask.

An object counts one, a leaf nothing. A list counts as many as it could hold: a page by `first` or `last`, `nodes` by
its ids. Some fields count for the work that they take, whatever comes of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
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

LISTS = {"Grounding.items": 100, "Grounding.prompt": 2, "Activity.points": 60}
"""What such a list counts for where ten would be far from what it holds."""

WRITE = 10
"""What a mutation counts for."""

WORK = {
    "User.grounding": 250,
    "User.search": 50,
    "User.storage": 100,
    "User.contextTypes": 20,
    "Query.stats": 50,
    "Stats.largestUsers": 500,
    "Stats.activity": 100,
    "Mutation.generateResponse": 500,
    "Mutation.startResponse": 500,
}
"""What a field counts for that takes far more than to read an object."""

BULK = {"Mutation.createContexts": ("input", "contexts")}
"""Where the items stand of a mutation that writes many: each counts one more, and each may come back."""

BULK_LISTS = {"CreateContextsPayload.contexts"}

# What only holds others together is no object of its own.
_WRAPPERS = ("Connection", "PageInfo")


@dataclass(frozen=True, slots=True)
class Price:
    """What one field counts for: `work` when it is asked for, and `each` for each of at most `count` values.

    `page` is how many items the list has that stands in its value.
    """

    count: int = 1
    each: int = 0
    work: int = 0
    page: int = 1


class Prices:
    """The rule on one schema, for an operation with these variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        introspected: Mapping[str, int],
        variables: Mapping[str, Any],
        defaults: Mapping[str, Any],
    ) -> None:
        self.schema = schema
        self._lists = {**LISTS, **introspected}
        self._variables = variables
        self._defaults = defaults
        self.deciding: set[str] = set()
        """The variables that were asked for their values."""

    def of(self, node: FieldNode, parent: GraphQLNamedType | None, page: int) -> Price:
        """`page` is how many items the list has that the field may be."""
        field = self.field(node, parent)
        if field is None or parent is None:
            return Price()
        name = f"{parent.name}.{node.name.value}"
        items = self._bulk(name, node)
        work = WORK.get(name, WRITE if parent is self.schema.mutation_type else 0) + (items or 0)
        return Price(
            count=self._count(name, node, field, page),
            each=0 if work else _weight(field, parent),
            work=work,
            page=self._page(node, field) if items is None else items,
        )

    def field(self, node: FieldNode, parent: GraphQLNamedType | None) -> GraphQLField | None:
        """What the schema says of the field, those of introspection too; None where it has none."""
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return None
        found: GraphQLField | None = self.schema.get_field(parent, node.name.value)
        return found

    def _bulk(self, name: str, node: FieldNode) -> int | None:
        if name not in BULK:
            return None
        argument, *path = BULK[name]
        return self._length(_argument(node, argument), path)

    def _count(self, name: str, node: FieldNode, field: GraphQLField, page: int) -> int:
        if not is_list_type(get_nullable_type(field.type)):
            return 1
        if node.name.value == "edges" or name in BULK_LISTS:
            return page
        if ids := _argument(node, "ids"):
            return self._length(ids, ())
        return self._lists.get(name, PLAIN_LIST)

    def _page(self, node: FieldNode, field: GraphQLField) -> int:
        if not get_named_type(field.type).name.endswith("Connection"):
            return 1
        sizes = [self._integer(_argument(node, name)) for name in ("first", "last")]
        given = [size for size in sizes if size is not None]
        return max(given) if given else _usual(field)

    def _integer(self, value: Any) -> int | None:
        """A page size as the server would take it; None for one that is not given."""
        match value:
            case VariableNode():
                name = value.name.value
                self.deciding.add(name)
                if name in self._variables:
                    return _bounded(self._variables[name])
                return self._integer(self._defaults.get(name))
            case IntValueNode():
                # A number with more digits than this is too large anyway.
                return _bounded(int(value.value)) if len(value.value) < 10 else LARGEST_PAGE
            case _:
                return None

    def _length(self, value: Any, path: Sequence[str]) -> int:
        """How many items a list has that stands so deep in a value; one that is no list is taken for a list of one."""
        match value:
            case VariableNode():
                name = value.name.value
                self.deciding.add(name)
                given = self._variables.get(name, self._defaults.get(name))
                return self._length(given, path)
            case ObjectValueNode() if path:
                fields = {field.name.value: field.value for field in value.fields}
                return self._length(fields.get(path[0]), path[1:])
            case dict() if path:
                return self._length(value.get(path[0]), path[1:])
            case ListValueNode():
                return len(value.values)
            case list():
                return len(value)
            case _:
                return 1


def introspected(schema: GraphQLSchema) -> dict[str, int]:
    """How many items the lists of introspection have: on the average over all types, and rounded up."""
    types = schema.type_map.values()
    objects = [kind for kind in types if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)]
    inputs = [kind for kind in types if isinstance(kind, GraphQLInputObjectType)]
    fields = [field for kind in objects for field in kind.fields.values()]
    arguments = sum(len(field.args) for field in fields)
    values = sum(len(kind.values) for kind in types if isinstance(kind, GraphQLEnumType))
    return {
        "__Schema.types": len(types),
        "__Type.fields": _average(len(fields), len(types)),
        "__Field.args": _average(arguments, len(fields)),
        "__Type.inputFields": _average(sum(len(kind.fields) for kind in inputs), len(types)),
        "__Type.enumValues": _average(values, len(types)),
        "__Type.interfaces": 1,
        "__Type.possibleTypes": 1,
    }


def _average(total: int, among: int) -> int:
    return max(1, ceil(total / among))


def _argument(node: FieldNode, name: str) -> Any:
    for argument in node.arguments or ():
        if argument.name.value == name:
            return argument.value
    return None


def _usual(field: GraphQLField) -> int:
    """How many come on a page when the operation does not say."""
    first = field.args.get("first")
    return first.default_value if first and isinstance(first.default_value, int) else DEFAULT_PAGE


def _bounded(size: object) -> int | None:
    if size is None:
        return None
    if isinstance(size, int) and not isinstance(size, bool):
        return min(max(size, 0), LARGEST_PAGE)
    return LARGEST_PAGE


def _weight(field: GraphQLField, parent: GraphQLNamedType) -> int:
    """What one value of the field counts for: an object one, a leaf or a mere wrapper nothing."""
    kind = get_named_type(field.type)
    if not is_composite_type(kind) or kind.name.endswith(_WRAPPERS):
        return 0
    if kind.name.startswith("__"):
        # Only what stands in a list: the types of a field are many, and light.
        return int(is_list_type(get_nullable_type(field.type)))
    # The edge has been counted, so the node on it is not.
    return 0 if parent.name.endswith("Edge") else 1
