"""Conversations that have outgrown their prompt are summarised, once, by whoever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from api import context_types
from api.errors import ModelUnavailable
from api.grounding import Asked, Searcher, ground
from api.grounding.tokens import estimated
from api.models import Model
from api.models.extractive import Extractive
from api.observe import Fact, Faulted, Summarised
from api.schema.identity import Kind, global_id
from api.upkeep.summarise import Summarising, pause, summarise
from db import context_versions, context_writes, contexts, conversation_growth, conversations
from db.context_writes import NewContext, Revision
from db.paging import Page
from db.pool import Access, Database, opened
from db.records import Context, Conversation, Json
from tests.making import a_user
from tests.responding import answering, scripted
from tests.schema.test_writing import CREATE
from tests.scripted import Scripted
from tests.waiting import until

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@dataclass
class Talk:
    """A conversation with the user ada, and how often somebody has spoken in it."""

    db: Database
    conversation: Conversation
    said: int = 0
    facts: list[Fact] = field(default_factory=list)

    async def goes_on(self, turns: int, words: str = "") -> None:
        """So many more turns, a minute apart; each says its number."""
        numbers = range(self.said + 1, self.said + turns + 1)
        self.said += turns
        content = [{"role": "user", "message": f"Turn {number}. {words}"} for number in numbers]
        new = [
            NewContext(
                "conversation",
                one,
                context_types.rendered("conversation", one),
                conversation_id=self.conversation.id,
                created_at=NOON + timedelta(minutes=number),
            )
            for number, one in zip(numbers, content, strict=True)
        ]
        await context_writes.create_many(self.db, self.conversation.user_id, new)

    async def summarised(self, model: Model, **how: Any) -> list[Summarised]:
        """What a look at all conversations has done."""
        self.facts.clear()
        await summarise(self.db, by(model, **how), self.facts.append)
        assert not [fact for fact in self.facts if isinstance(fact, Faulted)], self.facts
        return [fact for fact in self.facts if isinstance(fact, Summarised)]

    async def summary(self) -> Context | None:
        return await contexts.latest_summary(
            self.db, self.conversation.user_id, self.conversation.id
        )

    async def covers(self) -> Json | None:
        summary = await self.summary()
        return summary.content["covers"] if summary else None

    async def covered_turns(self) -> int:
        covers = await self.covers()
        return covers["turns"] if covers else 0

    async def impatient(self) -> None:
        """Nothing is put off any more."""
        await self.db.fetch("update conversation_growth set not_before = '-infinity'")


def by(model: Model, **how: Any) -> Summarising:
    defaults: dict[str, Any] = {
        "seconds": 5.0, "after": 10, "recent_turns": 10, "token_budget": 2000,
    }  # fmt: skip
    return Summarising(model, **{**defaults, **how})


@pytest.fixture
async def talk(db: Database) -> Talk:
    ada = await a_user(db)
    return Talk(db, await conversations.create(db, ada.id, "Lisbon", {}))


@pytest.fixture
def model() -> Scripted:
    return Scripted(["They spoke of Lisbon."])


def told(model: Scripted) -> list[list[str]]:
    """What each prompt had of the conversation, one text a context."""
    return [[source.text for source in prompt.sources] for prompt in model.prompts]


def numbered(first: int, last: int) -> list[str]:
    return [f"User: Turn {number}. " for number in range(first, last + 1)]


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


@asynccontextmanager
async def two_processes(reached: Access) -> AsyncIterator[Sequence[Database]]:
    async with opened(reached) as one, opened(reached) as other:
        yield one, other


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
            assert facts == []
            go_on.set()
    assert len(model.prompts) == 1
    assert await talk.covered_turns() == 10


@pytest.mark.parametrize("exists", [False, True])
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
    assert [type(fact) for fact in facts] == [Faulted, Summarised]


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


async def test_the_summary_grounds_an_answer_once_beside_the_newest_turns(talk: Talk) -> None:
    await talk.goes_on(9, words="The flat in Lisbon costs 900 euros.")
    await talk.goes_on(11)
    await talk.summarised(Extractive())
    ada = talk.conversation.user_id
    asked = Asked(ada, "What does the flat in Lisbon cost?", talk.conversation.id, 2000)
    grounding = await ground(Searcher(talk.db), asked, 10)
    sections = [
        (item.candidate.section.value, item.candidate.context.context_type)
        for item in grounding.items
        if item.included
    ]
    assert sections.count(("SUMMARY", "summary")) == 1
    assert sections.count(("CONVERSATION", "conversation")) == 10
    assert ("KNOWLEDGE", "summary") not in sections
    assert "\n<summary>\n" in grounding.prompt[0].text


ASK = """
mutation($user: ID!, $talk: ID!) {
  generateResponse(input: { userId: $user, message: "What did I say?", conversationId: $talk }) {
    response { status text grounding { items { section included } } }
  }
}
"""
SUMMARIES = """
{
  user(by: { externalId: "ada" }) {
    conversations { edges { node { title summary { contextType text content version conversation { title } } } } }
  }
}
"""


async def test_a_server_summarises_by_itself_what_is_long(talk: Talk, reached: Access) -> None:
    await talk.goes_on(20)
    async with scripted(reached, "They spoke of Lisbon.") as (asker, model):
        await until(lambda: any(isinstance(fact, Summarised) for fact in asker.facts))
        (edge,) = (await asker.data(SUMMARIES))["user"]["conversations"]["edges"]
    assert len(model.prompts) == 1
    assert edge["node"]["summary"] == {
        "contextType": "summary",
        "text": "They spoke of Lisbon.",
        "content": {"text": "They spoke of Lisbon.", "covers": await talk.covers()},
        "version": 1,
        "conversation": {"title": "Lisbon"},
    }


async def test_a_server_that_is_told_never_to_summarises_nothing(
    talk: Talk, reached: Access, statements: list[str]
) -> None:
    statements.clear()
    await talk.goes_on(20)
    async with scripted(reached, "x", settings={"summary_after": 0}) as (asker, _):
        await asker.data(SUMMARIES)
    assert conversation_growth.CLAIM not in statements


async def test_a_summary_that_fails_harms_no_answer(talk: Talk, reached: Access) -> None:
    away = Scripted([ModelUnavailable("It is away.")], name="away")
    user = global_id(Kind.User, talk.conversation.user_id, talk.conversation.user_id)
    id = global_id(Kind.Conversation, talk.conversation.user_id, talk.conversation.id)
    await talk.goes_on(20)
    models: dict[str, Model] = {"extractive": Extractive(), "away": away}
    async with answering(reached, models, summary_model="away") as asker:
        await until(lambda: any(isinstance(fact, Summarised) for fact in asker.facts))
        answer = (await asker.data(ASK, user=user, talk=id))["generateResponse"]["response"]
    assert answer["status"] == "COMPLETED"
    assert [one["section"] for one in answer["grounding"]["items"] if one["included"]].count(
        "CONVERSATION"
    ) == 10


async def test_answers_count_as_turns(talk: Talk, reached: Access, model: Scripted) -> None:
    user = global_id(Kind.User, talk.conversation.user_id, talk.conversation.user_id)
    id = global_id(Kind.Conversation, talk.conversation.user_id, talk.conversation.id)
    async with answering(reached, {"extractive": Extractive()}, summary_after=0) as asker:
        for _ in range(3):
            await asker.data(ASK, user=user, talk=id)
    await talk.summarised(model, after=4)
    assert model.prompts == []
    await talk.summarised(model, after=3, recent_turns=1)
    assert [len(texts) for texts in told(model)] == [2]


async def test_the_application_cannot_make_a_second_one(talk: Talk, reached: Access) -> None:
    given = {
        "userId": global_id(Kind.User, talk.conversation.user_id, talk.conversation.user_id),
        "conversationId": global_id(
            Kind.Conversation, talk.conversation.user_id, talk.conversation.id
        ),
        "contextType": "summary",
        "content": {"text": "They spoke."},
    }
    async with answering(reached, {"extractive": Extractive()}) as asker:
        await asker.data(CREATE, input=given)
        assert await asker.refused(CREATE, input=given) == "CONFLICT"


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
