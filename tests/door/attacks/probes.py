"""For each place of the graph where a value goes in: operations that put a hostile one there, and good ones elsewhere.

The places are read from the schema, so that a new argument or input field is attacked by being there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

from api.door.accept import EVENT_STREAM, JSON
from tests.door.attacks.judging import sent
from tests.planted import id_spoken_of

Fill = Callable[[Any], Any]
"""Puts a value into its place in a larger one."""

GOOD: dict[str, Any] = {
    "Int": 1,
    "Float": 0.5,
    "String": "knowledge",
    "Boolean": True,
    "DateTime": "2026-05-01T12:00:00Z",
    "JSON": {"text": "Ada plays chess."},
}
"""A value that is taken, for each scalar but `ID`."""

WAYS = {
    "Query": "query($v: {type}) {{ {field} }}",
    "Mutation": "mutation($v: {type}) {{ {field} }}",
    "Subscription": "subscription($v: {type}) {{ {field} }}",
    "User": 'query($v: {type}) {{ user(by: {{ id: "{User}" }}) {{ {field} }} }}',
    "Context": 'query($v: {type}) {{ context(id: "{Context}") {{ {field} }} }}',
    "Conversation": 'query($v: {type}) {{ conversation(id: "{Conversation}") {{ {field} }} }}',
    "Response": 'query($v: {type}) {{ response(id: "{Response}") {{ {field} }} }}',
    "Stats": "query($v: {type}) {{ stats {{ {field} }} }}",
}
"""How one comes to the fields of each type that has any with arguments."""


@dataclass(frozen=True, slots=True)
class Probe:
    """An operation with one place in it, for a value of the scalar or enum."""

    place: str
    scalar: str
    query: str
    fill: Fill


async def sent_with(client: httpx.AsyncClient, probe: Probe, value: Any) -> httpx.Response:
    asked = {"query": probe.query, "variables": {"v": probe.fill(value)}}
    return await sent(client, {"json": asked}, EVENT_STREAM if is_live(probe) else JSON)


def is_live(probe: Probe) -> bool:
    return probe.query.startswith("subscription")


def types_with_arguments(schema: GraphQLSchema) -> dict[str, GraphQLObjectType]:
    """The object types that have fields with arguments, introspection apart."""
    return {
        name: kind
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLObjectType)
        and not name.startswith("__")
        and any(field.args for field in kind.fields.values())
    }


def probes(schema: GraphQLSchema, parent: str, ids: Mapping[str, str]) -> Iterator[Probe]:
    """A probe for each place in the arguments of the fields of that type."""
    for name, field in types_with_arguments(schema)[parent].fields.items():
        for argument, one in field.args.items():
            needed = {
                n: a for n, a in field.args.items() if is_required_argument(a) and a is not one
            }
            given = [f"{n}: {_literal(_good(a.type, name, ids))}" for n, a in needed.items()]
            asked = f"{name}({', '.join([*given, f'{argument}: $v'])}){_selected(field.type)}"
            query = WAYS[parent].format(type=one.type, field=asked, **ids)
            for path, scalar, fill in _places(one.type, f"{name}.{argument}", ids):
                yield Probe(path, scalar, query, fill)


def _selected(kind: GraphQLOutputType, levels: int = 3) -> str:
    """All that can be read of it without arguments, so many levels deep."""
    named = get_named_type(kind)
    if not is_composite_type(named):
        return ""
    fields = named.fields if isinstance(named, GraphQLObjectType) else {}
    inner = [
        f"{name}{_selected(field.type, levels - 1)}"
        for name, field in fields.items()
        if not field.args and (levels or not is_composite_type(get_named_type(field.type)))
    ]
    return f" {{ __typename {' '.join(inner)} }}"


def _places(
    kind: GraphQLInputType, path: str, ids: Mapping[str, str]
) -> Iterator[tuple[str, str, Fill]]:
    match kind:
        case GraphQLNonNull():
            yield from _places(kind.of_type, path, ids)
        case GraphQLList():
            for inner, scalar, fill in _places(kind.of_type, f"{path}[]", ids):
                yield inner, scalar, _in_list(fill)
        case GraphQLInputObjectType():
            for name, field in kind.fields.items():
                others = {} if kind.is_one_of else _needed(kind, path, ids, but=name)
                for inner, scalar, fill in _places(field.type, f"{path}.{name}", ids):
                    yield inner, scalar, _in_object(name, others, fill)
        case _:
            yield path, get_named_type(kind).name, lambda value: value


def _in_list(fill: Fill) -> Fill:
    return lambda value: [fill(value)]


def _in_object(name: str, others: dict[str, Any], fill: Fill) -> Fill:
    return lambda value: {**others, name: fill(value)}


def _needed(
    kind: GraphQLInputObjectType, path: str, ids: Mapping[str, str], but: str = ""
) -> dict[str, Any]:
    return {
        name: _good(field.type, f"{path}.{name}", ids)
        for name, field in kind.fields.items()
        if name != but and is_required_input_field(field)
    }


def _good(kind: GraphQLInputType, path: str, ids: Mapping[str, str]) -> Any:
    """A value that is taken at this place."""
    match kind:
        case GraphQLNonNull():
            return _good(kind.of_type, path, ids)
        case GraphQLList():
            return [_good(kind.of_type, path, ids)]
        case GraphQLInputObjectType() if kind.is_one_of:
            name, field = next(iter(kind.fields.items()))
            return {name: _good(field.type, f"{path}.{name}", ids)}
        case GraphQLInputObjectType():
            return _needed(kind, path, ids)
        case GraphQLEnumType():
            return next(iter(kind.values))
        case _:
            name = get_named_type(kind).name
            return GOOD[name] if name != "ID" else id_spoken_of(path, ids)


def _literal(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{name}: {_literal(one)}" for name, one in value.items()) + "}"
        case list():
            return "[" + ", ".join(_literal(one) for one in value) + "]"
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case _:
            return f'"{value}"'
