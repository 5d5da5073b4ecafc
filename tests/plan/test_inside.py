"""Parents, children and theirs are read in one statement, where nobody looks between them: no answer is another."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.pool import Access
from tests.asking import Asker
from tests.plan.both_ways import BothWays
from tests.plan.hostile import hostile_things, hostile_users
from tests.plan.still import LEFT_BEHIND, still
from tests.planted import Planted, planted

CONTEXTS = "contexts(first: 2) { edges { node { id contextType content metadata createdAt } } }"
ADA = 'user(by: { externalId: "ada" })'

IN_ONE = {
    "three levels": """{ users { edges { node { externalId
      conversations(first: 3) { edges { node { title turns(first: 2) { edges { node { content } } } } } } } } } }""",
    "lists between values": f"{{ users {{ edges {{ node {{ id {CONTEXTS} name again: {CONTEXTS} updatedAt }} }} }} }}",
    "a page that is told where it ends": f"""{{ users(first: 2) {{
      edges {{ cursor node {{ {CONTEXTS} }} }} pageInfo {{ hasNextPage endCursor }} }} }}""",
    "the last of a page": f"""{{ users(last: 2) {{
      edges {{ node {{ externalId {CONTEXTS} }} }} pageInfo {{ hasPreviousPage }} }} }}""",
    "none of a list": "{ users { edges { node { contexts(first: 0) { edges { node { id } } } } } } }",
    "names of types": """{ users { __typename edges { __typename node { __typename
      contexts(first: 1) { a: __typename edges { node { __typename } __typename } b: __typename } } } } }""",
    "a filter": """{ users { edges { node { contexts(orderBy: OLDEST_FIRST, filter: {
      contextTypes: ["conversation", "knowledge"], includeInactive: true }) {
      edges { node { id version } } } } } } }""",
    "a user": f"{{ {ADA} {{ id name metadata {CONTEXTS} conversations {{ edges {{ node {{ id metadata }} }} }} }} }}",
    "a user with cursors": f"""{{ {ADA} {{ createdAt contexts(last: 3) {{
      edges {{ cursor node {{ id metadata }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}
      metadata conversations(first: 2) {{ edges {{ cursor node {{
        title turns {{ edges {{ node {{ id }} }} }} }} }} }} }} }}""",
    "a list that is left out": f"{{ {ADA} {{ id ... @skip(if: true) {{ {CONTEXTS} }} }} }}",
    "a user who is not there": f'{{ user(by: {{ externalId: "nobody" }}) {{ id {CONTEXTS} }} }}',
    "a conversation": """{ conversation(id: "<Conversation>") { id title metadata isActive
      turns { edges { cursor node { content } } pageInfo { hasNextPage } } } }""",
    "a conversation's own, by its filter": f"""{{ {ADA} {{ contexts(filter: {{ conversationId: "<Conversation>" }}) {{
      edges {{ node {{ id }} }} }} }} }}""",
    "a context": '{ context(id: "<Context>") { id content metadata contextType expiresAt isActive version } }',
    "a node that is a user": '{ node(id: "<User>") { __typename id ... on User { name externalId } } }',
    "a node that is a context": '{ node(id: "<Context>") { id ... on Context { content } ... on User { name } } }',
}
"""Operations that a single statement answers; `<…>` is an id."""

LEVEL_BY_LEVEL = {
    "the last of each": (
        2,
        "{ users { edges { node { id contexts(last: 1) { edges { node { id } } } } } } }",
    ),
    "cursors of each": (
        2,
        "{ users { edges { node { id contexts(first: 1) { edges { cursor } } } } } }",
    ),
    "how many of each": (
        3,
        "{ users { edges { node { id contexts(first: 1) { totalCount edges { node { id } } } } } } }",
    ),
    "what is not stored": (3, f"{{ {ADA} {{ storage {{ bytes }} {CONTEXTS} }} }}"),
}
"""Operations that take as many statements, for somebody looks between parents and children."""


pytestmark = LEFT_BEHIND


@pytest.fixture
async def asker(reached: Access) -> AsyncIterator[Asker]:
    async with still(reached) as served:
        yield served


async def peopled(asker: Asker) -> Planted:
    """Ada, with things that are hard to write, and others."""
    ada = await planted(asker.data, "ada")
    await hostile_things(asker, ada.user)
    await hostile_users(asker)
    return ada


def named(query: str, ada: Planted) -> str:
    for kind, id in ada.ids.items():
        query = query.replace(f"<{kind}>", id)
    return query


async def test_one_statement_answers_as_many_would(asker: Asker, statements: list[str]) -> None:
    ada = await peopled(asker)
    ways = BothWays(asker)
    for name, query in IN_ONE.items():
        assert not await ways.differ(named(query, ada), {}), name
        statements.clear()
        await asker.data(named(query, ada))
        assert len(statements) == 1, f"{name}: {statements}"
    assert ways.counts == {"planned": len(IN_ONE)}


async def test_a_user_is_answered_alike(asker: Asker) -> None:
    ada = await peopled(asker)
    for viewer in (asker.seen_by("ada"), asker.seen_by("nobody in particular")):
        ways = BothWays(viewer)
        for name, query in IN_ONE.items():
            if "users" not in query:
                assert not await ways.differ(named(query, ada), {}), name
        assert ways.counts["with errors"] == 0


async def test_where_somebody_looks_between_they_are_read_level_by_level(
    asker: Asker, statements: list[str]
) -> None:
    ada = await peopled(asker)
    ways = BothWays(asker)
    for name, (times, query) in LEVEL_BY_LEVEL.items():
        assert not await ways.differ(named(query, ada), {}), name
        statements.clear()
        await asker.data(named(query, ada))
        assert len(statements) == times, f"{name}: {statements}"
    assert ways.counts == {"planned": len(LEVEL_BY_LEVEL)}


async def test_what_is_wrong_inside_is_told_as_ever(asker: Asker) -> None:
    await peopled(asker)
    ways = BothWays(asker)
    too_many = f"{{ users {{ edges {{ node {{ {CONTEXTS.replace('2', '101')} }} }} }} }}"
    anothers = """{ users { edges { node {
      contexts(filter: { conversationId: "x" }) { edges { node { id } } } } } } }"""
    for query in (too_many, anothers):
        assert not await ways.differ(query, {})
    assert ways.counts["planned"] == 0
