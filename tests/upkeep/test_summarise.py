"""Conversations that have outgrown their prompt are summarised, each refresh from where the last one ended."""

from __future__ import annotations

from datetime import timedelta

import asyncpg

from api import context_types
from api.grounding.tokens import estimated
from api.models.extractive import Extractive
from db import context_versions, context_writes, conversation_growth, conversations
from db.context_writes import NewContext, Revision
from db.paging import Page
from tests.scripted import Scripted
from tests.upkeep.talk import NOON, Talk, numbered, told


async def test_a_conversation_is_summarised_once_enough_has_been_said_and_not_before(
    talk: Talk, model: Scripted
) -> None:
    for turns in (9, 1, 9):
        await talk.goes_on(turns)
        assert await talk.summarised(model) == []
    assert await talk.summary() is None
    await talk.goes_on(1)
    (fact,) = await talk.summarised(model)
    assert (fact.turns, fact.code, fact.model) == (10, None, "scripted")
    assert told(model) == [numbered(1, 10)]
    summary = await talk.summary()
    assert summary is not None
    assert summary.context_type == "summary"
    assert summary.content["text"] == "They spoke of Lisbon."
    assert summary.content["covers"] | {"last": None} == {
        "turns": 10, "upto": "2026-05-01T12:10:00Z", "last": None,
    }  # fmt: skip
    assert context_types.rendered("summary", summary.content) == "They spoke of Lisbon."
    assert await talk.summarised(model) == []


async def test_each_refresh_takes_up_what_came_since_and_is_a_version(
    talk: Talk, model: Scripted
) -> None:
    await talk.goes_on(20)
    await talk.summarised(model)
    model.lines = ["They spoke of Porto, too."]
    await talk.goes_on(9)
    assert await talk.summarised(model) == []
    await talk.goes_on(1)
    await talk.summarised(model)
    assert told(model)[1] == ["They spoke of Lisbon.", *numbered(11, 20)]
    summary = await talk.summary()
    assert summary is not None
    assert (summary.version, await talk.covered_turns()) == (2, 20)
    owned = summary.user_id, summary.id
    versions = (await context_versions.pages_by_context(talk.db, [owned], Page(5)))[owned]
    assert [one.content["text"] for one in versions] == [
        "They spoke of Porto, too.",
        "They spoke of Lisbon.",
    ]


async def test_turns_too_long_to_stand_in_a_prompt_together_are_summarised_sooner(
    talk: Talk, model: Scripted
) -> None:
    await talk.goes_on(10, words="Ada plays chess with Charles on Sundays. " * 20)
    await talk.summarised(model)
    assert await talk.covered_turns() == 8


async def test_with_no_recent_turns_all_of_it_is_summarised(talk: Talk, model: Scripted) -> None:
    await talk.goes_on(10)
    await talk.summarised(model, recent_turns=0)
    assert await talk.covered_turns() == 10


async def test_a_long_past_is_taken_up_step_by_step_within_the_prompts_size(
    talk: Talk, model: Scripted
) -> None:
    await talk.goes_on(130, words="Ada plays chess on Sundays.")
    steps = await talk.summarised(model)
    assert sum(step.turns for step in steps) == await talk.covered_turns() == 120
    assert [text for texts in told(model) for text in texts if "Turn" in text] == [
        f"User: Turn {number}. Ada plays chess on Sundays." for number in range(1, 121)
    ]
    assert len(steps) == 3
    assert await talk.summarised(model) == []


async def test_turns_of_one_moment_are_each_taken_up_once(talk: Talk, model: Scripted) -> None:
    content = {"role": "user", "message": "Yes."}
    turns = [
        NewContext("conversation", content, "User: Yes.", conversation_id=talk.conversation.id)
        for _ in range(90)
    ]
    await context_writes.create_many(talk.db, talk.conversation.user_id, turns)
    await talk.summarised(model)
    assert await talk.covered_turns() == 80


async def test_a_deleted_conversation_is_not_even_read_to_a_model(
    talk: Talk, model: Scripted
) -> None:
    await talk.goes_on(20)
    await conversations.soft_delete(talk.db, talk.conversation.user_id, talk.conversation.id)
    assert await talk.summarised(model) == []
    assert model.prompts == []


async def test_an_application_may_write_it_and_is_built_on(talk: Talk, model: Scripted) -> None:
    await talk.goes_on(20)
    content = {"text": "Ada moves to Lisbon.", "by": "hand"}
    new = NewContext("summary", content, "", conversation_id=talk.conversation.id)
    await context_writes.create(talk.db, talk.conversation.user_id, new)
    await talk.summarised(model)
    assert told(model) == [["Ada moves to Lisbon.\nby: hand", *numbered(1, 10)]]
    summary = await talk.summary()
    assert summary is not None
    assert summary.version == 2


async def test_one_that_was_restored_goes_on_from_there(talk: Talk, model: Scripted) -> None:
    for _ in range(3):
        await talk.goes_on(10)
        await talk.summarised(model)
    summary = await talk.summary()
    assert summary is not None
    await context_writes.restore(talk.db, summary.user_id, summary.id, 1, 2)
    await talk.goes_on(10)
    await talk.summarised(model)
    assert told(model)[-1] == ["They spoke of Lisbon.", *numbered(11, 30)]


async def test_one_that_was_deleted_or_has_expired_is_made_anew(
    talk: Talk, model: Scripted
) -> None:
    await talk.goes_on(20)
    await talk.summarised(model)
    summary = await talk.summary()
    assert summary is not None
    await context_writes.soft_delete(talk.db, summary.user_id, summary.id)
    await talk.goes_on(10)
    await talk.summarised(model)
    again = await talk.summary()
    assert again is not None
    assert again.id != summary.id
    past = Revision(expires_at=(NOON - timedelta(days=400),))
    await context_writes.update(talk.db, again.user_id, again.id, 1, past)
    assert await talk.summary() is None
    await talk.goes_on(10)
    await talk.summarised(model)
    assert told(model)[1:] == [numbered(1, 20), numbered(1, 30)]
    assert await talk.covered_turns() == 30


async def test_the_extractive_model_keeps_what_tells_most(talk: Talk) -> None:
    await talk.goes_on(8, words="Hello again.")
    await talk.goes_on(1, words="The flat in Lisbon costs 900 euros.")
    await talk.goes_on(11, words="Good.")
    await talk.summarised(Extractive())
    summary = await talk.summary()
    assert summary is not None
    assert "User, 2026-05-01: The flat in Lisbon costs 900 euros." in summary.content["text"]
    assert estimated(summary.content["text"]) <= 200


async def test_what_is_due_is_found_by_its_index(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("set enable_seqscan = off")
        prepared = await connection.prepare(conversation_growth.CLAIM)
        plan = str(await prepared.explain(10, 60.0, 4))
        assert "'Scan Direction': 'Backward', 'Index Name': 'conversation_growth_by_turns'" in plan
        assert "Sort" not in plan
    finally:
        await connection.close()
