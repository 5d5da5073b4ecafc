"""What an answer has cost, by the rule that says what it could cost; and never more than that."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.seed import seed_all
from tests.asking import Asker, the_documents, the_graph
from tests.responding import GENERATE

SCHEMA = the_graph()._schema

GIVEN = {
    "Query.user": '(by: { externalId: "ada" })',
    "User.search": '(query: "Copenhagen hotel engine")',
    "User.grounding": '(message: "Where does Ada stay?")',
}
"""Fields that need an argument, with one."""

ADA = '{ user(by: { externalId: "ada" }) { %s } }'


@pytest.fixture
async def world(asker: Asker) -> Asker:
    """A few users, and an answer to one of them."""
    await seed_all(asker.server.db)
    ada = (await asker.data(ADA % "id"))["user"]["id"]
    await asker.data(GENERATE, input={"userId": ada, "message": "Where do I stay?"})
    return asker


async def counted(world: Asker, source: str) -> tuple[int, int, dict[str, Any]]:
    """What the operation could cost, what it has cost, and the answer."""
    prepared = the_documents().prepared(source, None, {})
    answer = await world.ask(source)
    return prepared.cost, prepared.tally.of(answer["data"] or {}), answer


async def test_what_came_back_is_counted_by_the_same_rule(world: Asker) -> None:
    _, cost, answer = await counted(world, ADA % "contexts(first: 100) { edges { node { id } } }")
    edges = len(answer["data"]["user"]["contexts"]["edges"])
    assert 5 < edges < 100
    assert cost == 1 + edges

    pages = "conversations { edges { node { turns { edges { cursor node { user { id } } } } } } }"
    _, cost, answer = await counted(world, ADA % pages)
    talks = [edge["node"] for edge in answer["data"]["user"]["conversations"]["edges"]]
    turns = sum(len(talk["turns"]["edges"]) for talk in talks)
    assert cost == 1 + len(talks) + turns * 2


async def test_work_counts_whatever_came_of_it_and_json_does_not_count(world: Asker) -> None:
    assert (await counted(world, ADA % 'search(query: "zzz") { edges { score } }'))[:2] == (61, 51)
    assert (await counted(world, ADA % "profile { content metadata }"))[:2] == (2, 2)
    nobody = '{ user(by: { externalId: "nobody" }) { search(query: "a") { edges { score } } } }'
    assert (await counted(world, nobody))[:2] == (61, 0)
    left_out = "@skip(if: true) { id }"
    assert (await counted(world, ADA % f"id profile {left_out}"))[:2] == (2, 1)


async def test_what_is_asked_twice_comes_once_and_counts_once(world: Asker) -> None:
    twice = ADA % "profile { id } ...F ... on Node { ... on User { p: profile { version } } }"
    fragment = "fragment F on User { profile { content } }"
    assert (await counted(world, f"{twice} {fragment}"))[:2] == (4, 3)


def field_of(draw: st.DrawFn, parent: str, name: str, field: GraphQLField, depth: int) -> str:
    """One field of an operation, with an alias or a page now and then."""
    kind = get_named_type(field.type)
    alias = f"{draw(st.sampled_from('ab'))}_{name}: " if draw(st.booleans()) else ""
    arguments = GIVEN.get(f"{parent}.{name}", "")
    if kind.name.endswith("Connection") and not arguments and draw(st.booleans()):
        ends = ["first", "last"] if "last" in field.args else ["first"]
        arguments = f"({draw(st.sampled_from(ends))}: {draw(st.integers(0, 4))})"
    inner = "" if is_leaf_type(kind) else f" {{ {selections(draw, kind, depth - 1)} }}"
    return f"{alias}{name}{arguments}{inner}"


def selections(draw: st.DrawFn, kind: Any, depth: int) -> str:
    """What an operation asks of a type."""
    if isinstance(kind, GraphQLObjectType):
        possible = {
            name: field
            for name, field in kind.fields.items()
            if (depth > 0 or is_leaf_type(get_named_type(field.type)))
            and (
                f"{kind.name}.{name}" in GIVEN
                or not any(is_required_argument(one) for one in field.args.values())
            )
        }
        names = draw(st.lists(st.sampled_from(sorted(possible)), max_size=4)) if possible else []
        asked = [field_of(draw, kind.name, name, possible[name], depth) for name in names]
        spread = f"... on {kind.name} {{ {' '.join(asked[1:])} }}" if asked[1:] else ""
        return " ".join(["__typename", *asked[:1], spread])
    assert not isinstance(kind, GraphQLUnionType)
    return "__typename"


@st.composite
def queries(draw: st.DrawFn) -> str:
    return f"{{ {selections(draw, SCHEMA.query_type, 6)} }}"


@given(queries())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_an_answer_never_costs_more_than_was_said_before(world: Asker, query: str) -> None:
    measured = await world.ask(query)
    codes = {error["extensions"]["code"] for error in measured.get("errors", ())}
    assert codes <= {"OPERATION_TOO_COSTLY", "GRAPHQL_VALIDATION_FAILED"}
    if not codes:
        most, cost, _ = await counted(world, query)
        assert cost <= most
