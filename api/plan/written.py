"""Which edges can come written from the store: those whose nodes have nothing but stored values, and their id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, get_named_type, is_non_null_type

from api.plan.completing import Leaf, There
from api.plan.pages import Part, WrittenEdges
from api.plan.steps import Stored
from api.schema.node import Node
from db.leaves import LeafValue, Written

if TYPE_CHECKING:
    from api.plan.making import Details, Making, Place

WRITTEN = {
    "String": Written.TEXT,
    "Int": Written.PLAIN,
    "Boolean": Written.PLAIN,
    "DateTime": Written.TIME,
    "JSON": Written.DOCUMENT,
}
"""How the store writes values of these types. Whatever is of another is not read as written."""


def written_edges(
    making: Making, connection: GraphQLObjectType, details: Details, place: Place
) -> WrittenEdges | None:
    """How the edges of this connection are written; None where they cannot be."""
    asked = making.asked(connection, details)
    key = _only(asked, "edges")
    edge = get_named_type(connection.fields["edges"].type)
    assert isinstance(edge, GraphQLObjectType)  # noqa: S101  # by what a connection is
    found = _edge(making, edge, making.asked(edge, asked[key])) if key else None
    if key is None or found is None:
        return None
    values, parts = found
    selection = making.selection(
        connection, details, place, {key: Stored(key, "edges", Leaf(None), waits=False)}
    )
    return WrittenEdges(
        values=tuple(values),
        parts=parts,
        documents=any(value.written is Written.DOCUMENT for value in values),
        has_cursors=asks_for_cursors(making, connection, details),
        each=place.inner[key].each,
        only=key if len(asked) == 1 else None,
        completion=Leaf(None) if len(asked) == 1 else There(selection, selection.waits),
    )


def asks_for_cursors(making: Making, connection: GraphQLObjectType, details: Details) -> bool:
    """Whether the place of an edge is asked for, by itself or as the end of the page."""
    asked = making.asked(connection, details)
    edge = get_named_type(connection.fields["edges"].type)
    assert isinstance(edge, GraphQLObjectType)  # noqa: S101  # by what a connection is
    of_edges = [one for one in asked.values() if one[0].node.name.value == "edges"]
    return "pageInfo" in _names(asked) or any(
        "cursor" in _names(making.asked(edge, one)) for one in of_edges
    )


def _names(asked: Mapping[str, Details]) -> set[str]:
    return {details[0].node.name.value for details in asked.values()}


def _only(asked: Mapping[str, Details], name: str) -> str | None:
    """The key of the field, if it is asked for once."""
    keys = _keys(asked, name)
    return keys[0] if len(keys) == 1 else None


def _keys(asked: Mapping[str, Details], name: str) -> list[str]:
    """The keys under which the field is asked for."""
    return [key for key, details in asked.items() if details[0].node.name.value == name]


def _edge(
    making: Making, edge: GraphQLObjectType, asked: Mapping[str, Details]
) -> tuple[list[LeafValue], Sequence[str | Part]] | None:
    """The values of its node, and its parts."""
    values: list[LeafValue] = []
    parts: list[str | Part] = ["{"]
    for key, details in asked.items():
        match details[0].node.name.value:
            case "cursor":
                parts += [f'"{key}":"', Part.CURSOR, '",']
            case "__typename":
                parts.append(f'"{key}":"{edge.name}",')
            case "node" if not values:
                node = get_named_type(edge.fields["node"].type)
                values = _values(node, making.asked(node, details)) or []
                parts += [f'"{key}":', Part.NODE, ","]
                if not values:
                    return None
            case _:
                return None
    return values, _closed(parts)


def _closed(parts: Sequence[str | Part]) -> list[str | Part]:
    """The same with one text where several stand side by side, and a brace instead of the last comma, if any."""
    joined: list[str | Part] = [""]
    for part in parts:
        if isinstance(part, str) and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    assert isinstance(joined[-1], str)  # noqa: S101  # each field ends with a comma
    joined[-1] = joined[-1].removesuffix(",") + "}"
    return joined


def _values(node: Any, asked: Mapping[str, Details]) -> list[LeafValue] | None:
    """The values of a node as the store writes them; None when there is one that it cannot write."""
    kind = getattr(node.extensions.get("strawberry-definition"), "origin", None)
    if kind is None or not issubclass(kind, Node):
        return None
    values = [_value(node, kind, key, details[0].node.name.value) for key, details in asked.items()]
    return None if None in values else values  # type: ignore[return-value]  # so there is none


def _value(node: GraphQLObjectType, kind: type[Node], key: str, name: str) -> LeafValue | None:
    if name == "__typename":
        return LeafValue(key, node.name, Written.NAME)
    if name == "id":
        return LeafValue(key, kind.kind.value.decode(), Written.ID)
    definition = node.fields[name]
    field = definition.extensions["strawberry-definition"]
    written = WRITTEN.get(get_named_type(definition.type).name)
    if field.base_resolver is not None or written is None:
        return None
    return LeafValue(key, field.python_name, written, not is_non_null_type(definition.type))
