"""The walk over the whole graph, answered both ways: no field of it is forgotten, and no wall is lower for a plan.

That another user gets nothing is said in `tests/schema/test_walls.py`, which asks by plans as the door does.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from api.door.documents import Documents
from db.pool import Access
from tests.asking import Asker
from tests.plan.both_ways import WIDE, BothWays
from tests.plan.still import LEFT_BEHIND, still
from tests.schema.test_walls import SCHEMA, SERVICES, WHOSE, Case, Filling, cases, top_places
from tests.schema.walking import Walk
from tests.schema.world import World, nobody, peopled, versions

QUERIES = [case for case in cases() if case.root is SCHEMA.query_type]

LATENCY = re.compile(rb'"Stats__retrievalLatency":\{[^}]*\}')
"""It has changed with what the same operation has found before, the other way."""


pytestmark = LEFT_BEHIND


@pytest.fixture
async def asker(reached: Access) -> AsyncIterator[Asker]:
    async with still(reached) as served:
        yield served


def both_ways(asker: Asker) -> BothWays:
    """However much it costs: a walk goes through everything."""
    unlimited = WIDE.model_copy(update={"max_cost": 10**9})
    return BothWays(asker, Documents(SCHEMA, unlimited), LATENCY)


async def differ(ways: BothWays, case: Case, filling: Filling) -> str | None:
    walk = Walk(SCHEMA, filling)
    document = walk.document(case.root, case.name)
    found = await ways.differ(document, walk.variables)
    return f"{case} with another's {set(filling.foreign)}: {found}" if found else None


async def test_every_field_of_a_query_is_planned_and_answered_alike(asker: Asker) -> None:
    own = await whole(asker, "ada")
    for case in QUERIES:
        is_for_services = WHOSE[case.coordinate] is SERVICES
        ways = both_ways(asker if is_for_services else asker.seen_by("ada"))
        assert not await differ(ways, case, Filling(case, own, nobody("narwhal")))
        assert ways.counts == {"planned": 1}, case


async def test_what_is_anothers_is_kept_back_alike(asker: Asker) -> None:
    ada, bob = [await whole(asker, external_id) for external_id in ("ada", "bob")]
    ways = both_ways(asker.seen_by("bob"))
    for case in QUERIES:
        for place in top_places(case) or {""}:
            assert not await differ(ways, case, Filling(case, bob, ada, {place}))
    assert ways.counts["planned"] > 0
    assert ways.counts["not planned"] == 0


async def whole(asker: Asker, external_id: str) -> World:
    """A user with something in every field, and the versions that its things have by now."""
    world = await peopled(asker, external_id)
    return {**world, **await versions(asker, world)}
