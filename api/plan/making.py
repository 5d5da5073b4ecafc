"""From an operation to its plan: once for each way in which its directives let it be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from inspect import isfunction
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Protocol

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLUnionType,
    OperationDefinitionNode,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from api.plan.arguments import Call, arguments
from api.plan.completing import ByType, Completion, Leaf, Lists, Perhaps, There, leaf
from api.plan.found import object_reading
from api.plan.pages import PageReading
from api.plan.steps import Field, Plain, Resolved, Selection, Stored, TypeName
from api.plan.unplanned import Unplanned
from api.plan.written import asks_for_cursors, written_edges
from api.schema.connection import Connection
from api.schema.graph import Graph

MOST_FIELDS = 1000
"""Beyond this many, with all fragments expanded, no plan is made: graphql-core looks only where there is something."""

Details = Sequence[FieldDetails]
Places = Mapping[str, "Place"]


class Place(Protocol):
    """What the value under one key counts for: each value, and that it was asked for."""

    each: int
    work: int

    @property
    def inner(self) -> Places: ...


class Making:
    """Makes the plan of one operation, with the variables that its directives name."""

    def __init__(
        self,
        graph: Graph,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDetails],
        variables: VariableValues,
    ) -> None:
        self.graph = graph
        self._schema = graph._schema  # noqa: SLF001  # there is no public way to it
        self._operation = operation
        self._fragments = fragments
        self._variables = variables
        self.fields = 0

    def root(self, places: Places) -> Selection:
        """All that is asked. Raises `Unplanned`."""
        kind = self._schema.query_type
        assert kind is not None  # noqa: S101  # every graph has one
        found = collect_fields(
            self._schema, self._fragments, self._variables, kind, self._operation
        )
        return self._selection(kind, found.grouped_field_set, places, 0, {})

    def selection(
        self,
        kind: GraphQLObjectType,
        details: Details,
        place: Place,
        instead: Mapping[str, Field] = MappingProxyType({}),
    ) -> Selection:
        """What is asked of objects of this type, wherever it is asked together; `instead` has some of the fields."""
        asked = self.asked(kind, details)
        return self._selection(kind, asked, place.inner, place.each, instead)

    def asked(self, kind: GraphQLObjectType, details: Details) -> dict[str, Details]:
        """The fields under their keys."""
        found = collect_subfields(
            self._schema, self._fragments, self._variables, self._operation, kind, list(details)
        )
        return found.grouped_field_set  # type: ignore[return-value]  # lists are sequences

    def _selection(
        self,
        kind: GraphQLObjectType,
        asked: Mapping[str, Details],
        places: Places,
        each: int,
        instead: Mapping[str, Field],
    ) -> Selection:
        self.fields += len(asked)
        if self.fields > MOST_FIELDS:
            raise Unplanned
        fields = [
            instead.get(key) or self._field(kind, key, details, places)
            for key, details in asked.items()
        ]
        waits = any(field.waits for field in fields)
        return Selection(fields, each, waits, dict.fromkeys(asked), _all_plain(fields))

    def _field(self, kind: GraphQLObjectType, key: str, details: Details, places: Places) -> Field:
        node = details[0].node
        if node.name.value == "__typename":
            return TypeName(key, kind.name)
        definition = kind.fields.get(node.name.value)
        if definition is None:
            raise Unplanned
        field: StrawberryField = definition.extensions["strawberry-definition"]
        if field.extensions or field.permission_classes:
            raise Unplanned
        place = places.get(key, NOTHING)
        if field.base_resolver is None:
            completion = self.completion(definition.type, details, place)
            return Stored(key, _reader(kind, field.python_name), completion, completion.waits)
        return self._resolved(definition, field, key, details, place)

    def _resolved(
        self,
        definition: GraphQLField,
        field: StrawberryField,
        key: str,
        details: Details,
        place: Place,
    ) -> Resolved:
        completion = self.completion(definition.type, details, place)
        pages = self._pages(definition.type, details, place, completion)
        objects = object_reading(self, definition.type, details, place, completion)
        return Resolved(
            key=key,
            call=self._call(definition, field, details),
            completion=completion,
            work=place.work,
            waits=bool(field.is_async or pages or objects or completion.waits),
            is_async=field.is_async,
            pages=pages,
            objects=objects,
        )

    def call(self, kind: GraphQLObjectType, details: Details) -> Call:
        """The resolver of a field that has one, with its arguments."""
        definition = kind.fields[details[0].node.name.value]
        return self._call(definition, definition.extensions["strawberry-definition"], details)

    def _call(self, definition: GraphQLField, field: StrawberryField, details: Details) -> Call:
        assert field.base_resolver is not None  # noqa: S101  # or it is stored
        given = arguments(self.graph, definition, details[0].node)
        return Call(_function(field.base_resolver), given)

    def completion(self, kind: GraphQLOutputType, details: Details, place: Place) -> Completion:
        """What completes values of this type."""
        needed = is_non_null_type(kind)
        inner = self._completion(get_nullable_type(kind), details, place)
        if isinstance(inner, Leaf) and (needed or inner.write is None):
            # What is in the answer as it is may be nothing as well.
            return Leaf(inner.write, needed)
        return There(inner, inner.waits) if needed else Perhaps(inner, inner.waits)

    def _completion(self, kind: Any, details: Details, place: Place) -> Completion:
        if is_list_type(kind):
            inner = self.completion(kind.of_type, details, place)
            return Lists(inner, inner.waits)
        if is_leaf_type(kind):
            return leaf(kind)
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            return ByType(cache(lambda of: self.selection(self.kind(of), details, place)))
        return self.selection(kind, details, place)

    def kind(self, of: type) -> GraphQLObjectType:
        """The type of the graph that objects of this class are of."""
        definition = getattr(of, "__strawberry_definition__", None)
        kind = self._schema.type_map.get(definition.name) if definition else None
        if not isinstance(kind, GraphQLObjectType):
            raise Unplanned
        return kind

    def _pages(
        self, kind: GraphQLOutputType, details: Details, place: Place, completion: Completion
    ) -> PageReading | None:
        connection = _connection(kind)
        if connection is None:
            return None
        has_cursors = asks_for_cursors(self, connection, details)
        written = written_edges(self, connection, details, place)
        return PageReading(completion, has_cursors, written)

    def connection(self, kind: GraphQLObjectType, details: Details) -> GraphQLObjectType | None:
        """The connection that a field of this type gives, if it gives one."""
        definition = kind.fields.get(details[0].node.name.value)
        return _connection(definition.type) if definition else None


def _reader(kind: GraphQLObjectType, name: str) -> Callable[[Any], Any]:
    """What reads a stored field, as the default resolver does."""
    has_record = "record" in kind.extensions["strawberry-definition"].origin.__dataclass_fields__
    return attrgetter(f"record.{name}" if has_record else name)


def _all_plain(fields: Sequence[Field]) -> Sequence[Plain] | None:
    """The fields, if each of them is such a one."""
    found = [_plain(field) for field in fields]
    return None if None in found else found  # type: ignore[return-value]  # there is none


def _plain(field: Field) -> Plain | None:
    completion = getattr(field, "completion", None)
    if not isinstance(completion, Leaf) or completion.write is not None:
        return None
    match field:
        case Stored():
            return Plain(field.key, field.of, completion.needed)
        case Resolved(call=Call(function, given), work=0, is_async=False) if given.are_none:
            return Plain(field.key, function, completion.needed)
    return None


def _connection(kind: GraphQLOutputType) -> GraphQLObjectType | None:
    kind = kind.of_type if is_non_null_type(kind) else kind
    if not isinstance(kind, GraphQLObjectType):
        return None
    is_one = issubclass(kind.extensions["strawberry-definition"].origin, Connection)
    return kind if is_one else None


def _function(resolver: StrawberryResolver[Any]) -> Callable[..., Any]:
    """The function itself, whose first argument is the object."""
    function = resolver.wrapped_func
    if not isfunction(function) or resolver.self_parameter is None:
        raise Unplanned
    return function


class _Nothing:
    """What is no object costs nothing."""

    each = 0
    work = 0
    inner: Places = MappingProxyType({})


NOTHING = _Nothing()
