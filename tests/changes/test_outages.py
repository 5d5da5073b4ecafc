"""Whoever follows outlasts a database that is away for a moment, and hears of one that stays away."""

from __future__ import annotations

import asyncio

import pytest

from db import context_writes
from db.embedded import Embedded
from db.pool import Access, Database, opened
from tests.changes.following import TRANSPORTS, Transport, cursor_of_now, following, served
from tests.databases import away
from tests.making import a_user, knowledge
from tests.waiting import until
from tests.watching import Refused

both = pytest.mark.parametrize("transport", TRANSPORTS.values(), ids=TRANSPORTS)


@both
async def test_what_was_written_about_an_outage_is_told_after_it(
    reached: Access, postgres: Embedded, transport: Transport
) -> None:
    async with opened(reached) as before:
        ada = (await a_user(before)).id
        cursor = await cursor_of_now(before, ada)
    async with served(reached) as one, following(transport, one.url, ada, cursor) as follower:
        async with opened(reached) as before:
            await context_writes.create(before, ada, knowledge("one"))
            await follower.until(1)
            await context_writes.create(before, ada, knowledge("two"))
        async with away(postgres, reached.url):
            looks = len(one.looks)
            await until(lambda: not one.server.listener.is_listening)
            assert not follower.task.done()
        async with opened(reached) as after:
            await context_writes.create(after, ada, knowledge("three"))
        await follower.until(3)
        assert sorted(follower.told) == sorted(
            ("CREATED", text, 1) for text in ("one", "two", "three")
        )
        assert len(one.looks) > looks
        assert not one.faults


@both
async def test_one_that_stays_away_ends_the_stream_and_another_may_begin(
    reached: Access, postgres: Embedded, transport: Transport
) -> None:
    async with opened(reached) as before:
        ada = (await a_user(before)).id
        cursor = await cursor_of_now(before, ada)
    async with served(reached, database_patience=0.3) as one:
        async with following(transport, one.url, ada, cursor) as follower:
            async with opened(reached) as before:
                await context_writes.create(before, ada, knowledge("one"))
                await follower.until(1)
            async with away(postgres, reached.url):
                with pytest.raises(Refused) as refused:
                    await asyncio.wait_for(follower.task, 20)
            (error,) = refused.value.args[0]
            assert error["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        await until(lambda: one.server.listener.is_listening)
        async with following(transport, one.url, ada, cursor) as follower:
            assert await follower.until(1) == [("CREATED", "one", 1)]
        assert not one.faults


async def test_a_fault_of_ours_is_observed_and_ends_nothing_before_its_time(
    reached: Access, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = (await a_user(db)).id
    async with served(reached, database_patience=0.3) as one:
        cursor = await cursor_of_now(db, ada)
        async with following(TRANSPORTS["sse"], one.url, ada, cursor) as follower:
            await context_writes.create(db, ada, knowledge("one"))
            await follower.until(1)
            await db.fetch("alter table context_versions rename to elsewhere")
            with pytest.raises(Refused) as refused:
                await asyncio.wait_for(follower.task, 20)
            await db.fetch("alter table elsewhere rename to context_versions")
            assert refused.value.args[0][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert one.faults
