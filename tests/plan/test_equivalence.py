"""No client sees whether a plan has answered or graphql-core: operations made from the schema, answered both ways.

The suite asks a few hundred, the same each time; `make fuzz` asks thousands, others each time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Set
from copy import deepcopy
from dataclasses import fields, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from graphql import DocumentNode

from db.pool import Access
from tests.asking import Asker
from tests.generated import SEED, TIMES
from tests.generated.aim import World
from tests.generated.documents import made
from tests.generated.tree import Field, Tree, levels
from tests.generated.turning import turn
from tests.generated.variables import other_values
from tests.plan.both_ways import BothWays
from tests.plan.hostile import hostile_things, hostile_users
from tests.plan.made import Making
from tests.plan.still import LEFT_BEHIND, still
from tests.planted import USER, Planted, planted
from tests.schema.world import peopled

FEW = 20
"""Of how many documents that hypothesis-graphql makes operations are made."""

WAYS = 3
"""In how many ways each is twisted, on its first page and on another."""


NOT_THE_SAME = {"Stats.retrievalLatency"}
"""What no two operations are told alike: the one before has found something, and that took a while."""

FOR_SERVICES = {"Query.users", "Query.stats", "Query.embeddings"}
"""What users are most often asked nothing of: the refusal would be all that is told."""

VIEWERS = {"service": None, "a user with everything": "ada", "a user with nothing": "eve"}


async def world(asker: Asker) -> World:
    """Ada with everything, Bob with something of each, Eve with nothing; and moments between."""
    moments = ["0002-01-01T00:00:00Z"]
    ada = _named(await peopled(asker, "ada"))
    moments.append(_now())
    await hostile_things(asker, ada.user)
    await hostile_users(asker)
    bob = await planted(asker.data, "bob")
    made = await asker.data(USER, input={"externalId": "eve"})
    eve = replace(bob, external_id="eve", user=made["upsertUser"]["user"]["id"], cursors=())
    return World([ada, bob, eve], [*moments, _now()])


def seen_by(external_id: str | None, known: World) -> World:
    """The same, where an operation names most often what is the asker's own."""
    everybody = {one.external_id: one for one in known.planted}
    own = everybody[external_id or "ada"]
    return replace(known, planted=[own, own, own, own, *known.planted])


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _named(peopled: Mapping[str, Any]) -> Planted:
    names = {one.name for one in fields(Planted)} & peopled.keys()
    return Planted(**{name: peopled[name] for name in names}, cursors=(peopled["cursor"],))


pytestmark = LEFT_BEHIND


@pytest.fixture
async def asker(reached: Access) -> AsyncIterator[Asker]:
    async with still(reached) as served:
        yield served


@pytest.mark.parametrize("external_id", VIEWERS.values(), ids=VIEWERS)
async def test_both_ways_give_the_same_answer(asker: Asker, external_id: str | None) -> None:
    known = await world(asker)
    ways = BothWays(asker.seen_by(external_id) if external_id else asker)
    making = Making(seen_by(external_id, known), Random(SEED or 0))  # noqa: S311
    wrong = {}
    for document in made("query", FEW * TIMES, SEED):
        for tree in await pages(ways, making, document):
            for twisted in making.twisted(tree, WAYS):
                for values in (twisted.values, other_values(twisted, making.random)):
                    if differs := await ways.differ(str(twisted), values):
                        wrong[f"{twisted}\n{values}"] = differs
    print(f"seed {SEED}: {dict(ways.counts)}")  # noqa: T201
    require_planned(ways.counts)
    for asked, differs in wrong.items():
        print(f"{asked}\n{differs}\n")  # noqa: T201
    assert not wrong


def require_planned(counts: Counter[str]) -> None:
    """Raise unless by far the most of what could be planned was, so that something has been compared."""
    assert counts["planned"] > 2 * FEW * TIMES
    assert counts["planned"] > 20 * counts["not planned"]
    assert counts["planned"] > counts["with errors"] > counts["by chance"]


async def pages(ways: BothWays, making: Making, document: DocumentNode) -> list[Tree]:
    """What is grown from the document, on its first pages and on others."""
    first = making.grown(document)
    leave_out(first, NOT_THE_SAME)
    if not ways.asker.viewer.is_service and making.random.random() < 0.9:
        leave_out(first, FOR_SERVICES)
    told = await ways.by_core_alone(str(first))
    other = deepcopy(first)
    return [first, other] if told and turn(other, told, making.random) else [first]


def leave_out(tree: Tree, names: Set[str]) -> None:
    """The fields with these coordinates are not asked for."""
    for level in levels(tree):
        left = [
            one
            for one in level.selections
            if not (isinstance(one, Field) and f"{level.kind.name}.{one.name}" in names)
        ]
        level.selections[:] = left or [Field("__typename")]
