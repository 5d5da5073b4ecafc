"""Values of arguments become what resolvers take, as Strawberry converts them; but its types are looked at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from strawberry.types.arguments import convert_argument
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition

from api.schema.graph import Graph
from api.schema.inputs import Input

Convert = Callable[[Any], Any]


def converter(graph: Graph, kind: Any) -> Convert:
    """What converts values of a type of Strawberry. What is not valid raises an error of pydantic or Strawberry."""
    match kind:
        case StrawberryMaybe():
            return _as_strawberry_does(graph, kind)
        case StrawberryOptional():
            return _unless_null(converter(graph, kind.of_type))
        case StrawberryList() if _is_leaf(graph, kind.of_type):
            return list
    if _is_leaf(graph, kind):
        return _as_it_is
    if isinstance(kind, type) and issubclass(kind, Input):
        return _modelled(graph, kind) or _as_strawberry_does(graph, kind)
    return _as_strawberry_does(graph, kind)


def _is_leaf(graph: Graph, kind: Any) -> bool:
    scalars = graph.schema_converter.scalar_registry
    definition = getattr(kind, "__strawberry_definition__", kind)
    return kind in scalars or isinstance(definition, StrawberryEnumDefinition)


def _as_it_is(value: Any) -> Any:
    return value


def _unless_null(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _as_strawberry_does(graph: Graph, kind: Any) -> Convert:
    scalars = graph.schema_converter.scalar_registry
    return lambda value: convert_argument(value, kind, scalars, graph.config)


def _modelled(graph: Graph, model: type[BaseModel]) -> Convert | None:
    """By the model alone, which validates leaves and lists of leaves by itself; None for one that has others."""
    definition = model.__strawberry_definition__  # type: ignore[attr-defined]  # Strawberry has put it there
    names: dict[str, str] = {}
    for field in definition.fields:
        kind = field.resolve_type(type_definition=definition)
        while isinstance(kind, StrawberryOptional | StrawberryList):
            kind = kind.of_type
        info = model.model_fields[field.python_name]
        if not _is_leaf(graph, kind) or info.is_required():
            return None
        names[graph.config.name_converter.from_field(field)] = field.python_name

    def convert(value: Mapping[str, Any]) -> BaseModel:
        given = {names[name]: one for name, one in value.items()}
        return model.model_validate(given, by_alias=False, by_name=True)

    return convert
