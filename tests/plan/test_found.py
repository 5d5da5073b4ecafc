"""Operations that were answered otherwise by a plan once, or nearly: both ways give the same answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from db.pool import Access
from tests.asking import Asker
from tests.plan.both_ways import BothWays
from tests.plan.hostile import hostile_things
from tests.plan.still import LEFT_BEHIND, still
from tests.planted import planted

PLANNED = {
    "pageInfo under two keys": """contexts(first: 2) {
      edges { node { id } } a: pageInfo { startCursor } b: pageInfo { endCursor hasNextPage } }""",
    "pageInfo without edges": "contexts(last: 2) { pageInfo { startCursor endCursor } }",
    "edges with nothing in them": "contexts(first: 3) { edges { ... on ContextEdge @skip(if: true) { cursor } } }",
    "edges of which everything is skipped": """contexts(first: 3) {
      edges { cursor @skip(if: true) node @include(if: false) { id } } }""",
    "nodes with nothing in them": "contexts(first: 3) { edges { cursor node { id @skip(if: true) } } }",
    "nodes before cursors": "contexts(first: 3) { edges { node { id } __typename cursor again: cursor } }",
    "nodes under two keys": "contexts { edges { node { content } again: node { id user { name } } } }",
    "edges under two keys": "contexts { edges { node { content } } again: edges { cursor } }",
    "no items": "contexts(first: 0) { edges { node { content } } pageInfo { startCursor hasNextPage } }",
    "all that is stored of contexts": """contexts(first: 100, filter: { includeInactive: true }) {
      totalCount edges { cursor node {
        __typename id contextType content metadata createdAt updatedAt expiresAt isActive version } } }""",
    "texts and times alone": """contexts(last: 100, orderBy: OLDEST_FIRST) { edges { node {
      contextType createdAt updatedAt expiresAt } } }""",
    "all that is stored of conversations": """conversations(first: 100) { edges { cursor node {
      __typename id title metadata createdAt updatedAt isActive version
      turns(last: 100) { edges { node { id content createdAt } } } } } }""",
    "titles alone": "conversations(last: 100) { edges { node { title } } }",
    "one list with two selections": """contexts(first: 1) { edges { node { id } } }
      again: contexts(first: 1) { edges { node { version } } }""",
}
"""What is asked of a user."""


pytestmark = LEFT_BEHIND


@pytest.fixture
async def asker(reached: Access) -> AsyncIterator[Asker]:
    async with still(reached) as served:
        yield served


async def test_both_ways_give_the_same_answer_to_what_was_found(asker: Asker) -> None:
    ada = await planted(asker.data, "ada")
    await hostile_things(asker, ada.user)
    for viewer in (asker, asker.seen_by("ada")):
        ways = BothWays(viewer)
        for name, asked in PLANNED.items():
            query = f'{{ user(by: {{ externalId: "ada" }}) {{ {asked} }} }}'
            assert not await ways.differ(query, {}), name
        assert ways.counts == {"planned": len(PLANNED)}


async def test_what_is_for_services_is_refused_by_its_name(asker: Asker) -> None:
    await planted(asker.data, "ada")
    ways = BothWays(asker.seen_by("ada"))
    assert not await ways.differ("{ a: users { totalCount } viewer { role } }", {})
    assert ways.counts == {"with errors": 1}
    error = await ways.asker.error("{ stats { users } }")
    assert error["message"].startswith("stats is for services")
