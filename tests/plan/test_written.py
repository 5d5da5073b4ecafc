"""Every list whose nodes the store can write as JSON is read so, with all fields that are stored."""

from __future__ import annotations

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from tests.asking import Asker, the_graph
from tests.planted import Planted, planted
from tests.schema.walking import objects

SCHEMA = the_graph()._schema

WAYS_TO = {
    "Query": "%s",
    "User": '{ user(by: { externalId: "ada" }) %s }',
    "Context": '{ context(id: "<Context>") %s }',
    "Conversation": '{ conversation(id: "<Conversation>") %s }',
}
"""How a query comes to an object of each type that has lists; `<…>` is an id."""

NOT_WRITTEN = {
    "User.search": "what it finds is ranked, and has no place by time",
    "Context.versions": "versions have no id, and a place by number",
    "Context.citedBy": "of a response much is made of its events and of its receipt",
    "Conversation.responses": "the same",
}
"""The lists whose nodes come as records, and why."""

GATHERED = "array_agg(object)"
"""What only a statement has that writes objects."""


def lists() -> dict[str, GraphQLObjectType]:
    """The connections of the graph, by the field that gives them."""
    found = {}
    for kind in objects(SCHEMA):
        for name, field in kind.fields.items():
            given = get_named_type(field.type)
            if isinstance(given, GraphQLObjectType) and given.name.endswith("Connection"):
                found[f"{kind.name}.{name}"] = given
    return found


LISTS = lists()
WRITTEN = sorted(LISTS.keys() - NOT_WRITTEN.keys())


def stored(connection: GraphQLObjectType) -> list[str]:
    """The fields of its nodes that are read from their records, and what every node has."""
    edge = get_named_type(connection.fields["edges"].type)
    assert isinstance(edge, GraphQLObjectType)
    node = get_named_type(edge.fields["node"].type)
    assert isinstance(node, GraphQLObjectType)
    fields = [
        name
        for name, field in node.fields.items()
        if is_leaf_type(get_named_type(field.type))
        and field.extensions["strawberry-definition"].base_resolver is None
    ]
    assert fields
    return [*fields, "__typename", *(["id"] if "id" in node.fields else [])]


def query(place: str, has: Planted, node: str) -> str:
    """A page of that list, with this of its nodes."""
    parent, name = place.split(".")
    arguments = '(query: "swims")' if name == "search" else "(first: 5)"
    asked = WAYS_TO[parent] % f"{{ {name}{arguments} {{ edges {{ cursor node {{ {node} }} }} }} }}"
    for kind, id in has.ids.items():
        asked = asked.replace(f"<{kind}>", id)
    return asked


async def is_written(asker: Asker, statements: list[str], asked: str) -> bool:
    statements.clear()
    (value,) = (await asker.data(asked)).values()
    while "edges" not in value:
        (value,) = value.values()
    assert value["edges"], "there has to be something in the list"
    return any(GATHERED in statement for statement in statements)


@pytest.mark.parametrize("place", WRITTEN)
async def test_nodes_come_written_with_all_that_is_stored_of_them(
    asker: Asker, statements: list[str], place: str
) -> None:
    has = await planted(asker.data, "ada")
    asked = query(place, has, " ".join(stored(LISTS[place])))
    assert await is_written(asker, statements, asked), (
        f"{place} is not read as JSON: give its loader what writes leaves, or say in NOT_WRITTEN why not; "
        "a new stored field may have a type that api/plan/written.py has no way to write"
    )


@pytest.mark.parametrize("place", NOT_WRITTEN)
async def test_it_is_known_which_lists_come_as_records(
    asker: Asker, statements: list[str], place: str
) -> None:
    has = await planted(asker.data, "ada")
    asked = query(place, has, " ".join(stored(LISTS[place])))
    assert not await is_written(asker, statements, asked), f"{place} does not belong in NOT_WRITTEN"


@pytest.mark.parametrize("place", WRITTEN)
async def test_what_nobody_has_stored_makes_them_come_as_records(
    asker: Asker, statements: list[str], place: str
) -> None:
    has = await planted(asker.data, "ada")
    not_stored = "storage { bytes }" if place == "Query.users" else "user { id }"
    assert not await is_written(asker, statements, query(place, has, f"id {not_stored}"))
