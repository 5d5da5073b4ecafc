"""A response whose process is gone is ended by whoever notices."""

from __future__ import annotations

import asyncio

from api.observe import ResponseEnded
from db.pool import Access
from tests.responding import a_user, answering, begun, events, kinds, scripted, shown, spoken
from tests.scripted import Scripted
from tests.waiting import until


async def test_a_lease_that_has_run_out_ends_the_response_for_all_who_follow(
    reached: Access,
) -> None:
    model = Scripted(["Che", asyncio.Event()])
    async with scripted(reached, settings={"orphan_timeout": 1.0}) as (other, _):
        # A server that does not renew its leases in time, as one that hangs.
        async with answering(reached, {"scripted": model}, orphan_timeout=100.0) as one:
            id = await begun(one, await a_user(one))
            await spoken(one, id, "Che")
            async with asyncio.timeout(5):
                await one.server.db.fetch("update responses set lease_until = now()")
                seen = await events(other, id)
        assert kinds(seen) == [(1, "Started"), (2, "Delta"), (3, "Failed")]
        assert seen[-1]["error"] == {"code": "RESPONSE_INTERRUPTED"}
        assert (await shown(other, id))["text"] == "Che"


async def test_leases_are_renewed_for_as_long_as_a_response_runs(reached: Access) -> None:
    go_on = asyncio.Event()
    async with (
        # So long that nobody is late on a busy machine.
        scripted(reached, settings={"orphan_timeout": 2.0}),
        scripted(reached, "Che", go_on, "ss.", settings={"orphan_timeout": 2.0}) as (asker, _),
    ):
        id = await begun(asker, await a_user(asker))
        await asyncio.sleep(2.5)
        go_on.set()
        assert kinds(await events(asker, id))[-1][1] == "Completed"
        # Who follows hears of the last event as it is stored, and it is observed after that.
        await until(lambda: any(isinstance(fact, ResponseEnded) for fact in asker.facts))
        assert [fact.status for fact in asker.facts if isinstance(fact, ResponseEnded)] == [
            "COMPLETED"
        ]
