"""However many follow a response, its news is read once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from api.generation import feed as feeds
from db import response_events
from db.pool import Access
from tests.responding import a_user, answering, begun, events, kinds, scripted, spoken
from tests.scripted import Paced, counted, paced
from tests.waiting import until


@pytest.mark.whole_pool
async def test_twenty_who_follow_cost_the_reads_of_one(
    reached: Access, statements: list[str]
) -> None:
    async with answering(reached, {"paced": Paced()}) as asker:
        id = await begun(asker, await a_user(asker), paced(20, 0.05))
        statements.clear()
        told = await asyncio.gather(*(events(asker, id) for _ in range(20)))
        assert all("".join(one.get("text", "") for one in seen) == counted(20) for seen in told)
        reads = statements.count(response_events.RUNNING)
        # Each looks at what is stored when it comes; what is to come is read for all.
        news = len(told[0]) + 1
        assert reads <= 20 + 2 * news


@pytest.mark.whole_pool
async def test_nobody_waits_for_a_look_when_there_was_news(
    reached: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    """News that comes while the store is being read must not be lost on those who come to read just then."""
    monkeypatch.setattr("api.generation.follow.LOOK_SECONDS", 3600)
    monkeypatch.setattr(feeds, "LOOK_SECONDS", 3600)
    async with answering(reached, {"paced": Paced()}) as asker:
        user = await a_user(asker)
        async with asyncio.timeout(20):
            for _ in range(5):
                id = await begun(asker, user, paced(10, 0.004))
                told = await asyncio.gather(*(events(asker, id) for _ in range(40)))
                assert {kinds(seen)[-1][1] for seen in told} == {"Completed"}


async def test_one_who_is_slow_gets_all_of_it_from_the_store(
    reached: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "KEPT", 2)
    follow = "subscription($id: ID!) { responseEvents(id: $id) { ... on ResponseDelta { text } } }"
    async with answering(reached, {"paced": Paced()}, delta_pause=0.005) as asker:
        id = await begun(asker, await a_user(asker), paced(40, 0.01))
        slow: list[dict[str, Any]] = []
        async for one in asker.follow(follow, id=id):
            slow.append(one["data"]["responseEvents"])
            await asyncio.sleep(0.02)
        assert "".join(one.get("text", "") for one in slow) == counted(40)


async def test_nothing_is_left_of_those_who_have_gone(reached: Access) -> None:
    async with scripted(reached, "Che", asyncio.Event()) as (asker, _):
        id = await begun(asker, await a_user(asker))
        await spoken(asker, id, "Che")
        tasks = len(asyncio.all_tasks())
        following = [asyncio.create_task(events(asker, id)) for _ in range(20)]
        await until(lambda: len(asker.server.feeds) == 20)
        for one in following:
            one.cancel()
        await asyncio.wait(following)
        await until(lambda: len(asker.server.feeds) == 0)
        await until(lambda: len(asyncio.all_tasks()) <= tasks)


async def test_a_look_is_taken_even_if_the_news_was_lost(
    reached: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.generation.follow.LOOK_SECONDS", 0.1)
    monkeypatch.setattr(feeds, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(feeds.Feed, "hear", lambda _: None)
    async with scripted(reached, "Che", "ss.") as (asker, _):
        id = await begun(asker, await a_user(asker))
        async with asyncio.timeout(5):
            assert kinds(await events(asker, id))[-1][1] == "Completed"
