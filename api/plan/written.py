"""What can come written from the store: objects of which nothing is asked but stored values, their id, and lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLObjectType, get_named_type, is_non_null_type

from api.plan.completing import Leaf, There
from api.plan.inside import InnerList, WrittenObject
from api.plan.pages import Part, WrittenEdges
from api.plan.steps import Stored
from api.schema.node import Node
from db.inside import Inside, Layout
from db.leaves import LeafValue, Written

if TYPE_CHECKING:
    from api.plan.making import Details, Making, Place

WRITTEN = {
    "String": Written.TEXT,
    "Int": Written.PLAIN,
    "Boolean": Written.PLAIN,
    "DateTime": Written.TIME,
    "JSON": Written.PLAIN,
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
    found = _edge(making, edge, asked[key], place.inner[key]) if key else None
    if key is None or found is None:
        return None
    node, parts = found
    selection = making.selection(
        connection, details, place, {key: Stored(key, attrgetter("edges"), Leaf(None), waits=False)}
    )
    has_cursors = asks_for_cursors(making, connection, details)
    return WrittenEdges(
        node=replace(node, layout=replace(node.layout, placed=has_cursors)),
        parts=parts,
        has_cursors=has_cursors,
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
    making: Making, edge: GraphQLObjectType, details: Details, place: Place
) -> tuple[WrittenObject, Sequence[str | Part]] | None:
    """Its node, and its parts."""
    written: WrittenObject | None = None
    parts: list[str | Part] = ["{"]
    for key, one in making.asked(edge, details).items():
        match one[0].node.name.value:
            case "cursor":
                parts += [f'"{key}":"', Part.CURSOR, '",']
            case "__typename":
                parts.append(f'"{key}":"{edge.name}",')
            case "node" if written is None:
                written = written_object(
                    making, get_named_type(edge.fields["node"].type), one, place.inner[key]
                )
                parts += [f'"{key}":', Part.NODE, ","]
                if written is None or not written.layout.values:
                    return None
            case _:
                return None
    return (written or NOTHING), _closed(parts)


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


def written_object(
    making: Making, node: Any, details: Details, place: Place
) -> WrittenObject | None:
    """How objects of this type are written; None when there is something that the store cannot write."""
    kind = class_of(node)
    if kind is None:
        return None
    values = []
    for key, one in making.asked(node, details).items():
        value = value_of(making, node, key, one, place.inner.get(key))
        if value is None:
            return None
        values.append(value)
    return laid_out(kind, values)


class ListValue(NamedTuple):
    """A list as the store writes it, and how a plan comes to its rows."""

    inside: Inside
    listed: InnerList


Value = LeafValue | ListValue


def value_of(
    making: Making, node: GraphQLObjectType, key: str, details: Details, place: Place | None
) -> Value | None:
    """A value of an object as it is written; None where it cannot be."""
    kind = class_of(node)
    leaf = _leaf(node, kind, key, details[0].node.name.value) if kind else None
    return leaf or (_list(making, node, key, details, place) if place else None)


def class_of(node: Any) -> type[Node] | None:
    """The class of objects of this type, if they have a record."""
    kind = getattr(node.extensions.get("strawberry-definition"), "origin", None)
    return kind if kind is not None and issubclass(kind, Node) else None


def laid_out(kind: type[Node], values: Sequence[Value]) -> WrittenObject:
    """An object of this class with these values."""
    return WrittenObject(
        kind=kind,
        layout=Layout(tuple([one if isinstance(one, LeafValue) else one.inside for one in values])),
        lists=[one.listed for one in values if isinstance(one, ListValue)],
    )


NOTHING = laid_out(Node, ())
"""An object of which nothing is asked."""


def _list(
    making: Making, parent: GraphQLObjectType, key: str, details: Details, place: Place
) -> ListValue | None:
    """How a list is written inside its parent; None where more is asked of it than its nodes."""
    connection = making.connection(parent, details)
    if connection is None:
        return None
    asked = making.asked(connection, details)
    edges = _only(asked, "edges")
    if edges is None or _names(asked) - {"edges", "__typename"}:
        return None
    edge = get_named_type(connection.fields["edges"].type)
    assert isinstance(edge, GraphQLObjectType)  # noqa: S101  # by what a connection is
    match _edge(making, edge, asked[edges], place.inner[edges]):
        case node, [str(before), Part.NODE, str(after)]:
            opens, closes = _around(connection, asked, edges)
            fixed, each = place.work + place.each, place.inner[edges].each
            inside = Inside(key, opens, before, after, closes, fixed, each, node.layout)
            return ListValue(inside, InnerList(making.call(parent, details), node))
    return None


def _around(
    connection: GraphQLObjectType, asked: Mapping[str, Details], edges: str
) -> tuple[str, str]:
    """What of a connection stands before its edges, and after them: they, and perhaps the name of its type."""
    fields = [f'"{key}":' + ("[]" if key == edges else f'"{connection.name}"') for key in asked]
    opens, closes = f"{{{','.join(fields)}}}".split("[]")
    return f"{opens}[", f"]{closes}"


def _leaf(node: GraphQLObjectType, kind: type[Node], key: str, name: str) -> LeafValue | None:
    if name == "__typename":
        return LeafValue(key, node.name, Written.NAME)
    if name == "id":
        return LeafValue(key, kind.kind.value.decode(), Written.ID)
    definition = node.fields.get(name)
    if definition is None:
        return None
    field = definition.extensions["strawberry-definition"]
    written = WRITTEN.get(get_named_type(definition.type).name)
    if field.base_resolver is not None or written is None:
        return None
    return LeafValue(key, field.python_name, written, not is_non_null_type(definition.type))
