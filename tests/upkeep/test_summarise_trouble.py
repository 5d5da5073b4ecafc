"""A summary that fails, is slow, or is made twice at a time harms nothing, and is made once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from api.errors import ModelUnavailable
from api.grounding.tokens import estimated
from api.observe import Fact, Faulted, Summarised
from api.upkeep.summarise import pause, summarise
from db import conversation_growth, conversations
from db.pool import Access, Database, opened
from tests.scripted import Scripted
from tests.upkeep.talk import Talk, by


@asynccontextmanager
async def two_processes(reached: Access) -> AsyncIterator[Sequence[Database]]:
    async with opened(reached) as one, opened(reached) as other:
        yield one, other


@pytest.mark.whole_pool
async def test_two_processes_make_one_summary(talk: Talk, reached: Access) -> None:
    go_on = asyncio.Event()
    model = Scripted([go_on, "They spoke of Lisbon."])
    await talk.goes_on(20)
    async with two_processes(reached) as (one, other):
        facts: list[Fact] = []
        async with asyncio.TaskGroup() as both:
            both.create_task(summarise(one, by(model), facts.append))
            await model.asked.wait()
            await summarise(other, by(model), facts.append)
            assert not any(isinstance(fact, Summarised) for fact in facts)
            go_on.set()
    assert len(model.prompts) == 1
    assert await talk.covered_turns() == 10


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.whole_pool
async def test_a_process_that_has_slept_over_its_claim_changes_nothing(
    talk: Talk, reached: Access, model: Scripted, exists: bool
) -> None:
    if exists:
        await talk.goes_on(20)
        await talk.summarised(Scripted(["They met."]))
    wake_up = asyncio.Event()
    slow = Scripted([wake_up, "They slept."])
    await talk.goes_on(20)
    async with two_processes(reached) as (one, other):
        facts: list[Fact] = []
        async with asyncio.TaskGroup() as both:
            both.create_task(summarise(one, by(slow), facts.append))
            await slow.asked.wait()
            await talk.impatient()
            await summarise(other, by(model), facts.append)
            wake_up.set()
    assert [(type(fact), fact.turns) for fact in facts if isinstance(fact, Summarised)] == [
        (Summarised, 30 - 10 * (not exists) - 10)
    ]
    summary = await talk.summary()
    assert summary is not None
    assert summary.content["text"] == "They spoke of Lisbon."
    assert summary.version == 1 + exists


async def test_a_model_that_fails_is_asked_again_later_and_less_and_less_often(
    talk: Talk, model: Scripted
) -> None:
    away = Scripted([ModelUnavailable("It is away.")])
    await talk.goes_on(20)
    (fact,) = await talk.summarised(away)
    assert (fact.code, fact.turns) == ("MODEL_UNAVAILABLE", 0)
    assert await talk.summarised(away) == []
    await talk.impatient()
    (fact,) = await talk.summarised(away)
    assert await talk.summary() is None
    assert pause(0) < pause(1) < pause(2) < pause(99) == pause(100)
    (standing,) = await talk.db.fetch(
        "select failures, not_before > now() as later from conversation_growth"
    )
    assert tuple(standing) == (2, True)
    await talk.impatient()
    (fact,) = await talk.summarised(model)
    assert (fact.code, fact.turns) == (None, 10)
    (standing,) = await talk.db.fetch("select failures, turns from conversation_growth")
    assert tuple(standing) == (0, 0)


async def test_a_failure_leaves_the_summary_as_it_was(talk: Talk, model: Scripted) -> None:
    await talk.goes_on(20)
    await talk.summarised(model)
    await talk.goes_on(10)
    await talk.summarised(Scripted(["Half of ", ModelUnavailable("It is away.")]))
    summary = await talk.summary()
    assert summary is not None
    assert (summary.content["text"], summary.version) == ("They spoke of Lisbon.", 1)


@pytest.mark.parametrize("silence", ["", " \n", "\x00"])
async def test_a_model_that_says_nothing_has_failed(talk: Talk, silence: str) -> None:
    await talk.goes_on(20)
    (fact,) = await talk.summarised(Scripted([silence]))
    assert fact.code == "MODEL_UNAVAILABLE"


async def test_a_model_that_takes_too_long_is_left(talk: Talk) -> None:
    await talk.goes_on(20)
    stalled = Scripted([asyncio.Event()])
    (fact,) = await talk.summarised(stalled, seconds=0.05)
    assert fact.code == "MODEL_TIMEOUT"
    assert stalled.over.is_set()


async def test_a_fault_of_ours_is_a_fault_and_harms_no_other_conversation(talk: Talk) -> None:
    await talk.goes_on(20)
    facts: list[Fact] = []
    await summarise(talk.db, by(Scripted([ZeroDivisionError()])), facts.append)
    told = [type(fact) for fact in facts if isinstance(fact, Faulted | Summarised)]
    assert told == [Faulted, Summarised]


async def test_a_model_that_goes_on_and_on_is_cut_short(talk: Talk) -> None:
    await talk.goes_on(20)
    endless = Scripted(["Ada plays chess on Sundays. " * 20] * 10_000)
    await talk.summarised(endless)
    summary = await talk.summary()
    assert summary is not None
    assert estimated(summary.content["text"]) <= 200
    assert summary.content["text"].endswith("Sundays. …")


async def test_no_connection_is_held_while_a_model_thinks(talk: Talk, database_url: str) -> None:
    go_on = asyncio.Event()
    model = Scripted([go_on, "They spoke."])
    await talk.goes_on(20)
    async with (
        opened(Access(database_url, pool_size=1, pool_wait=1)) as narrow,
        asyncio.TaskGroup() as both,
    ):
        both.create_task(summarise(narrow, by(model), talk.facts.append))
        await model.asked.wait()
        await narrow.fetch("select 1")
        go_on.set()
    assert await talk.covered_turns() == 10


@pytest.mark.whole_pool
async def test_a_conversation_that_is_deleted_meanwhile_stays_without(talk: Talk) -> None:
    go_on = asyncio.Event()
    model = Scripted([go_on, "They spoke."])
    await talk.goes_on(20)
    async with asyncio.TaskGroup() as both:
        looking = both.create_task(talk.summarised(model))
        await model.asked.wait()
        await conversations.soft_delete(talk.db, talk.conversation.user_id, talk.conversation.id)
        go_on.set()
    assert looking.result() == []
    assert await talk.summary() is None
    assert await conversation_growth.claim(talk.db, 1, 60, 10) == []
