from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.pool import Access
from tests.asking import Asker
from tests.responding import GENERATE, a_user, generated, scripted
from tests.schema.test_moments import now
from tests.schema.test_writing import DELETE, RESTORE, UPDATE, a_context, a_conversation

GROUNDING = """
  budget tokens prompt { role text }
  items {
    number section reason included rank score keywordScore semanticScore tokens truncated contextVersion context { id }
  }
"""
PREVIEW = f"""query($user: ID!, $message: String!, $talk: ID, $budget: Int, $at: DateTime) {{
  user(by: {{ id: $user }}) {{
    grounding(message: $message, conversationId: $talk, budget: $budget, asOf: $at) {{ {GROUNDING} }}
  }}
}}"""
SHOWN = f"""query($id: ID!) {{ response(id: $id) {{
  asOf grounding {{ {GROUNDING} }} conversation {{ id }}
  citations {{ number start end item {{ number included contextVersion context {{ text }} }} }}
  groundedness
}} }}"""


async def preview(asker: Asker, user: str, message: str, **more: Any) -> dict[str, Any]:
    data = await asker.data(PREVIEW, user=user, message=message, **more)
    grounding: dict[str, Any] = data["user"]["grounding"]
    return grounding


async def seen(asker: Asker, response: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = (await asker.data(SHOWN, id=response["id"]))["response"]
    return shown


@pytest.mark.parametrize("budget", [None, 300])
async def test_what_is_previewed_is_what_is_sent(reached: Access, budget: int | None) -> None:
    async with scripted(reached, "Chess.") as (asker, model):
        user = await a_user(asker)
        for n in range(12):
            await a_context(asker, user, content={"text": f"Ada plays chess, game {n}. " * (1 + n)})
        first = await generated(asker, user, "What does Ada play?")
        talk = (await seen(asker, first))["conversation"]["id"]
        before = await preview(asker, user, "And chess?", talk=talk, budget=budget)
        second = await generated(asker, user, "And chess?", conversationId=talk, budget=budget)
        sent = [
            {"role": message.role, "text": message.text} for message in model.prompts[-1].messages
        ]
        assert before["prompt"] == sent
        after = (await seen(asker, second))["grounding"]
        scores = [[item.pop("score") for item in shown["items"]] for shown in (before, after)]
        # Everything has grown older by the moment between.
        assert scores[1] == pytest.approx(scores[0], abs=0.001)
        assert after == before
        assert before["budget"] == (budget or asker.server.settings.token_budget)
        assert {item["section"] for item in before["items"]} >= {"KNOWLEDGE", "CONVERSATION"}
        if budget:
            assert "OVER_BUDGET" in {item["reason"] for item in before["items"]}


async def test_a_preview_stores_nothing_and_asks_no_model(reached: Access) -> None:
    async with scripted(reached, "Chess.") as (asker, model):
        user = await a_user(asker)
        await a_context(asker, user)
        assert (await preview(asker, user, "What does Ada play?"))["items"]
        assert model.prompts == []
        row = await asker.server.db.fetchrow(
            "select (select count(*) from responses) + (select count(*) from conversations)"
        )
        assert row is not None
        assert row[0] == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"message": ""}, "BAD_USER_INPUT"),
        ({"message": "x" * 32_769}, "BAD_USER_INPUT"),
        ({"message": "a\x00b"}, "BAD_USER_INPUT"),
        ({"budget": 0}, "BAD_USER_INPUT"),
        ({"budget": 20}, "BAD_USER_INPUT"),
        ({"budget": 2_000_000}, "BAD_USER_INPUT"),
        ({"at": "2999-01-01T00:00:00Z"}, "BAD_USER_INPUT"),
        ({"talk": "nothing"}, "BAD_USER_INPUT"),
    ],
)
async def test_a_preview_is_refused_as_the_answer_would_be(
    asker: Asker, wrong: dict[str, Any], code: str
) -> None:
    user = await a_user(asker)
    previewed = await asker.error(PREVIEW, **{"user": user, "message": "?", **wrong})
    names = {"talk": "conversationId", "at": "asOf"}
    given = {names.get(name, name): value for name, value in wrong.items()}
    asked = await asker.error(GENERATE, input={"userId": user, "message": "?", **given})
    assert previewed["extensions"]["code"] == asked["extensions"]["code"] == code
    assert asker.faults == []


async def test_a_conversation_that_is_gone_is_previewed_as_little_as_it_is_gone_on_with(
    asker: Asker,
) -> None:
    user = await a_user(asker)
    talk = (await a_conversation(asker, user))["id"]
    await asker.data(
        "mutation($id: ID!) { deleteConversation(input: { id: $id }) { conversation { id } } }",
        id=talk,
    )
    given = {"user": user, "message": "?", "talk": talk}
    assert await asker.refused(PREVIEW, **given) == "NOT_FOUND"
    theirs = await a_user(asker, "grace")
    assert await asker.refused(PREVIEW, **{**given, "user": theirs}) == "BAD_USER_INPUT"


async def test_the_receipt_stays_true_after_edits_and_deletes(reached: Access) -> None:
    async with scripted(reached, "Ada plays chess [1].") as (asker, _):
        user = await a_user(asker)
        context = (await a_context(asker, user))["id"]
        response = await generated(asker, user, "What does Ada play?")
        before = await seen(asker, response)
        change = {"id": context, "expectedVersion": 1, "content": {"text": "Ada plays go."}}
        await asker.data(UPDATE, input=change)
        await asker.data(DELETE, input={"id": context})
        after = await seen(asker, response)
        assert after["grounding"] == before["grounding"]
        (item,) = after["grounding"]["items"]
        assert (item["contextVersion"], item["number"]) == (1, 1)
        (citation,) = after["citations"]
        assert citation["item"] == {
            "number": 1,
            "included": True,
            "contextVersion": 1,
            "context": {"text": "Ada plays go."},
        }
        assert after["groundedness"] == before["groundedness"] == 1


async def test_the_citations_of_an_answer_are_resolved_to_what_it_was_given(
    reached: Access,
) -> None:
    answer = "😀 Ada plays chess [1] and go [2, 9], never [7]. Both [1-2]."
    async with scripted(reached, answer) as (asker, model):
        user = await a_user(asker)
        for game in ("chess", "go"):
            await a_context(asker, user, content={"text": f"Ada plays {game}."})
        response = await seen(asker, await generated(asker, user, "What does Ada play?"))
        texts = {source.number: source.text for source in model.prompts[-1].sources}
        units = answer.encode("utf-16-le")
        read = []
        for one in response["citations"]:
            mark = units[2 * one["start"] : 2 * one["end"]].decode("utf-16-le")
            read.append((one["number"], mark))
            assert one["item"]["context"]["text"] == texts[one["number"]]
            assert one["item"]["number"] == one["number"]
        assert read == [(1, "[1]"), (2, "[2, 9]"), (1, "[1-2]"), (2, "[1-2]")]


async def test_the_extractive_models_quotations_are_citations_and_grounded(asker: Asker) -> None:
    user = await a_user(asker)
    await a_context(asker, user)
    quoted = await generated(asker, user, "What does Ada play?")
    response = await seen(asker, quoted)
    assert [one["number"] for one in response["citations"]] == [1]
    assert response["groundedness"] == 1


async def test_an_answer_that_only_says_that_there_is_none_is_not_judged(asker: Asker) -> None:
    response = await generated(asker, await a_user(asker), "What does Ada play?")
    assert "Nothing that is stored" in response["text"]
    shown = await seen(asker, response)
    assert (shown["groundedness"], shown["citations"]) == (None, [])


@pytest.mark.parametrize(
    ("answer", "groundedness"),
    [("Ada plays chess [1].", 1.0), ("Penguins eat fish [1].", 0.0), ("[1]", None), ("So?", None)],
)
async def test_a_completed_answer_is_judged_by_what_its_prompt_held(
    reached: Access, answer: str, groundedness: float | None
) -> None:
    async with scripted(reached, answer) as (asker, _):
        user = await a_user(asker)
        await a_context(asker, user)
        response = await seen(asker, await generated(asker, user, "What does Ada play?"))
        assert response["groundedness"] == groundedness


async def test_an_answer_that_failed_is_not_judged(reached: Access) -> None:
    async with scripted(reached, "Ada plays chess.", RuntimeError("away")) as (asker, _):
        user = await a_user(asker)
        await a_context(asker, user)
        response = await generated(asker, user, "What does Ada play?")
        assert response["status"] == "FAILED"
        assert (await seen(asker, response))["groundedness"] is None


async def test_a_moment_is_kept_with_the_response_that_was_asked_about_it(reached: Access) -> None:
    async with scripted(reached, "Chess.") as (asker, _):
        user = await a_user(asker)
        then = await now(asker)
        past = await seen(asker, await generated(asker, user, "?", asOf=then))
        assert past["asOf"] == then.replace("+00:00", "Z")
        assert (await seen(asker, await generated(asker, user, "?")))["asOf"] is None


async def test_an_answer_about_a_moment_rests_on_what_stood_then(reached: Access) -> None:
    async with scripted(reached, "Chess.") as (asker, model):
        user = await a_user(asker)
        before = await now(asker)
        context = await a_context(asker, user)
        created = await now(asker)
        change = {"id": context["id"], "expectedVersion": 1, "content": {"text": "Ada plays go."}}
        await asker.data(UPDATE, input=change)
        edited = await now(asker)
        await asker.data(DELETE, input={"id": context["id"]})
        deleted = await now(asker)
        restored = {"id": context["id"], "version": 1, "expectedVersion": 3}
        await asker.data(RESTORE, input=restored)
        told = {before: None, created: (1, "chess"), edited: (2, "go"), deleted: None}
        for moment, expected in [*told.items(), (await now(asker), (4, "chess"))]:
            shown = await preview(asker, user, "What does Ada play?", at=moment)
            response = await generated(asker, user, "What does Ada play?", asOf=moment)
            system = model.prompts[-1].messages[0].text
            assert shown["prompt"][0]["text"] == system
            versions = [item["contextVersion"] for item in shown["items"] if item["included"]]
            assert versions == ([expected[0]] if expected else [])
            assert ("Ada plays" in system) == bool(expected)
            assert expected is None or f"Ada plays {expected[1]}." in system
            receipt = (await seen(asker, response))["grounding"]
            assert [item["contextVersion"] for item in receipt["items"]] == versions


async def test_what_has_expired_since_is_in_an_answer_about_before(reached: Access) -> None:
    async with scripted(reached, "Chess.") as (asker, model):
        user = await a_user(asker)
        soon = (datetime.now(UTC) + timedelta(milliseconds=300)).isoformat()
        await a_context(asker, user, expiresAt=soon)
        then = await now(asker)
        while await now(asker) <= soon:
            pass
        await generated(asker, user, "What does Ada play?")
        assert "Ada plays chess." not in model.prompts[-1].messages[0].text
        await generated(asker, user, "What does Ada play?", asOf=then)
        assert "Ada plays chess." in model.prompts[-1].messages[0].text
        await generated(asker, user, "What does Ada play?", asOf=soon)
        assert "Ada plays chess." not in model.prompts[-1].messages[0].text


async def test_the_turns_and_the_profile_are_those_of_the_moment(reached: Access) -> None:
    async with scripted(reached, "Chess.") as (asker, model):
        user = await a_user(asker)
        profile = """mutation($user: ID!, $home: JSON!) {
          setProfile(input: { userId: $user, content: $home }) { profile { id } } }"""
        await asker.data(profile, user=user, home={"home": "London"})
        first = await generated(asker, user, "First question?")
        talk = (await seen(asker, first))["conversation"]["id"]
        then = await now(asker)
        await asker.data(profile, user=user, home={"home": "Paris"})
        await generated(asker, user, "Second question?", conversationId=talk)
        await generated(asker, user, "Third?", conversationId=talk, asOf=then)
        system = model.prompts[-1].messages[0].text
        assert "home: London" in system
        assert "Paris" not in system
        assert "First question?" in system
        assert "Second question?" not in system


async def test_the_future_cannot_be_rested_on(asker: Asker) -> None:
    given = {"userId": await a_user(asker), "message": "?", "asOf": "2999-01-01T00:00:00Z"}
    assert await asker.refused(GENERATE, input=given) == "BAD_USER_INPUT"
