"""Erasing a user through the graph: counted first, for services only, whatever is being generated."""

from __future__ import annotations

import asyncio
from typing import Any

from api.observe import ResponseEnded
from db import erasure
from db.pool import Access
from tests.asking import Asker
from tests.responding import a_user, answering, begun, events, kinds, spoken
from tests.scripted import Scripted
from tests.waiting import until

ERASE = """
mutation ($user: ID!, $dryRun: Boolean) {
    eraseUser(input: { userId: $user, dryRun: $dryRun }) { dryRun counts erasedAt }
}
"""
COUNT = "mutation ($user: ID!) { eraseUser(input: { userId: $user }) { dryRun counts erasedAt } }"
STORE = """
mutation ($user: ID!) {
    createContext(input: { userId: $user, contextType: "knowledge", content: { text: "Ada plays chess." } }) {
        context { id }
    }
}
"""


async def test_it_is_counted_unless_it_is_said_that_it_is_meant(asker: Asker) -> None:
    ada = await a_user(asker)
    await asker.data(STORE, user=ada)
    counted = (await asker.data(COUNT, user=ada))["eraseUser"]
    assert counted["dryRun"] is True
    assert counted["erasedAt"] is None
    nothing = dict.fromkeys(erasure.TABLES, 0)
    assert counted["counts"] == {**nothing, "contexts": 1, "users": 1}
    erased = (await asker.data(ERASE, user=ada, dryRun=False))["eraseUser"]
    assert erased["counts"] == counted["counts"]
    assert erased["erasedAt"].endswith("Z")
    assert await asker.data("query ($user: ID!) { node(id: $user) { id } }", user=ada) == {
        "node": None
    }


async def test_who_is_not_there_is_not_found(asker: Asker) -> None:
    ada = await a_user(asker)
    await asker.data(ERASE, user=ada, dryRun=False)
    assert await asker.refused(ERASE, user=ada, dryRun=False) == "NOT_FOUND"
    assert await asker.refused(COUNT, user=ada) == "NOT_FOUND"
    assert await asker.refused(STORE, user=ada) == "NOT_FOUND"


async def test_only_a_service_may_erase_or_count(asker: Asker) -> None:
    ada = await a_user(asker)
    for dry in (True, False):
        asked: Any = asker.seen_by("ada").refused(ERASE, user=ada, dryRun=dry)
        assert await asked == "FORBIDDEN"
    assert await asker.data("{ users { totalCount } }") == {"users": {"totalCount": 1}}


async def test_a_response_that_another_process_generates_is_stopped_and_whoever_follows_is_told(
    reached: Access,
) -> None:
    model = Scripted(["Che", asyncio.Event()])
    async with (
        answering(reached, {"scripted": model}) as generating,
        answering(reached, {"scripted": Scripted([])}) as erasing,
    ):
        ada = await a_user(generating)
        id = await begun(generating, ada)
        await spoken(generating, id, "Che")
        following = asyncio.create_task(events(generating, id))
        await until(lambda: len(generating.server.feeds) > 0)
        await erasing.data(ERASE, user=ada, dryRun=False)
        await until(lambda: model.over.is_set() and not len(generating.server.running))
        await asyncio.wait([following], timeout=20)
        # Told of the end, or that the response is there no more, if the erasure was first.
        assert following.exception() or kinds(following.result())[-1][1] == "Cancelled"
        for table in erasure.TABLES:
            left = await erasing.server.db.fetch(f"select from {table} where user_id is not null")
            assert not left, table
        assert [fact.status for fact in erasing.facts if isinstance(fact, ResponseEnded)] == [
            "CANCELLED"
        ]
        assert not generating.faults
        assert not erasing.faults
