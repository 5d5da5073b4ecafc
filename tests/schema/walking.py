"""Every field of the graph in as few operations as there are ways in: one tree for each field of a root.

Within a tree each field that gives objects stands once, as near to the root as can be, under the name of its place
(`Context__versions`), so that an answer says by itself which fields gave something.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

LEFT_OUT = object()
"""A value that is not given."""

Fill = Callable[[str], Any]
"""What to give at a place, such as `Query.node.id` or `UserBy.externalId`; may be `LEFT_OUT`."""


@dataclass(slots=True)
class Chosen:
    """A field in a document, and what is chosen below it: by type, the fields."""

    coordinate: str
    arguments: str = ""
    below: dict[str, list[Chosen]] = field(default_factory=dict)

    def __str__(self) -> str:
        name = self.coordinate.split(".")[1]
        shown = f"{alias(self.coordinate)}: {name}{self.arguments}"
        if not self.below:
            return shown
        parts = (
            f"... on {kind} {{ __typename {' '.join(map(str, fields))} }}"
            for kind, fields in self.below.items()
        )
        return f"{shown} {{ __typename {' '.join(parts)} }}"


def alias(coordinate: str) -> str:
    return coordinate.replace(".", "__")


@dataclass(slots=True)
class Walk:
    """One operation in the making, through all that can be reached from a field of a root."""

    schema: GraphQLSchema
    fill: Fill
    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)
    """The coordinates of all fields that are in it."""

    def document(self, root: GraphQLObjectType, name: str) -> str:
        top = self._chosen(root, name)
        waiting = deque([(top, root.fields[name])])
        while waiting:
            above, definition = waiting.popleft()
            for kind in self._objects(definition):
                waiting.extend(self._below(above, kind))
        declared = f"({', '.join(self.declared)})" if self.declared else ""
        return f"{root.name.lower()}{declared} {{ {top} }}"

    def _objects(self, definition: GraphQLField) -> list[GraphQLObjectType]:
        named = get_named_type(definition.type)
        if is_abstract_type(named):
            return list(self.schema.get_possible_types(named))
        return [named] if isinstance(named, GraphQLObjectType) else []

    def _below(
        self, above: Chosen, kind: GraphQLObjectType
    ) -> Iterator[tuple[Chosen, GraphQLField]]:
        chosen = above.below.setdefault(kind.name, [])
        for name, definition in kind.fields.items():
            if is_leaf_type(get_named_type(definition.type)):
                chosen.append(self._chosen(kind, name))
            elif f"{kind.name}.{name}" not in self.passed:
                chosen.append(self._chosen(kind, name))
                yield chosen[-1], definition

    def _chosen(self, kind: GraphQLObjectType, name: str) -> Chosen:
        coordinate = f"{kind.name}.{name}"
        self.passed.add(coordinate)
        given = []
        for argument, definition in kind.fields[name].args.items():
            place = f"{coordinate}.{argument}"
            value = value_at(place, definition.type, self.fill, is_required_argument(definition))
            if value is not LEFT_OUT:
                variable = f"v{len(self.variables)}"
                self.variables[variable] = value
                self.declared.append(f"${variable}: {definition.type}")
                given.append(f"{argument}: ${variable}")
        return Chosen(coordinate, f"({', '.join(given)})" if given else "")


def value_at(place: str, kind: GraphQLInputType, fill: Fill, required: bool) -> Any:
    """The value of an argument, or of a field of an input. An input that says nothing is left out if it may be."""
    inner = get_nullable_type(kind)
    if is_list_type(inner):
        one = value_at(place, inner.of_type, fill, required)
        return one if one is LEFT_OUT else [one]
    if not isinstance(inner, GraphQLInputObjectType):
        return fill(place)
    parts = {
        name: value_at(f"{inner.name}.{name}", part.type, fill, is_required_input_field(part))
        for name, part in inner.fields.items()
    }
    given = {name: value for name, value in parts.items() if value is not LEFT_OUT}
    return given if given or required else LEFT_OUT


def places(schema: GraphQLSchema) -> Iterator[tuple[str, GraphQLInputType]]:
    """Each place where a value goes in: the arguments of all fields, and the fields of all inputs."""
    for kind in objects(schema):
        for name, definition in kind.fields.items():
            for argument, given in definition.args.items():
                yield f"{kind.name}.{name}.{argument}", given.type
    for input in schema.type_map.values():
        if isinstance(input, GraphQLInputObjectType):
            part: GraphQLInputField
            for name, part in input.fields.items():
                yield f"{input.name}.{name}", part.type


def objects(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    """The types of our own that have fields."""
    return [
        kind
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
    ]


def given(answer: object) -> Iterator[str]:
    """The coordinates of the fields that gave something."""
    match answer:
        case dict():
            for name, value in answer.items():
                if "__" in name[1:] and value is not None:
                    yield name.replace("__", ".")
                yield from given(value)
        case list():
            for one in answer:
                yield from given(one)
