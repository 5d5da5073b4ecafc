"""What a running server makes of long conversations, and what stands in its answers."""

from __future__ import annotations

from api.errors import ModelUnavailable
from api.grounding import Asked, Searcher, ground
from api.models import Model
from api.models.extractive import Extractive
from api.observe import Summarised
from api.schema.identity import Kind, global_id
from db import conversation_growth
from db.pool import Access
from tests.responding import answering, scripted
from tests.schema.test_writing import CREATE
from tests.scripted import Scripted
from tests.upkeep.talk import Talk, told
from tests.waiting import until

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
