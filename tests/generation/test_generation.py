from __future__ import annotations

import asyncio
from typing import Any

import pytest

from api.errors import ModelUnavailable
from api.models import Usage
from api.observe import ResponseEnded
from db.pool import Access
from tests.asking import Asker
from tests.responding import (
    EVENTS,
    GENERATE,
    START,
    a_user,
    begun,
    events,
    generated,
    kinds,
    scripted,
)


async def test_a_generated_response_is_complete_and_its_turn_is_stored(reached: Access) -> None:
    async with scripted(reached, "Che", "ss.", Usage(12, 3)) as (asker, _):
        user = await a_user(asker)
        response = await generated(asker, user, "What does Ada play?")
        assert response["status"] == "COMPLETED"
        assert response["text"] == "Chess."
        assert response["usage"] == {"inputTokens": 12, "outputTokens": 3}
        turns = await asker.data(
            "query($id: ID!) { response(id: $id) { conversation { turns { edges { node { content } } } } } }",
            id=response["id"],
        )
        (edge,) = turns["response"]["conversation"]["turns"]["edges"]
        assert edge["node"]["content"] == {
            "role": "assistant",
            "message": "Chess.",
            "user_message": "What does Ada play?",
        }


async def test_a_started_response_is_pending_and_followed_live_to_its_end(reached: Access) -> None:
    go_on = asyncio.Event()
    async with scripted(reached, "Che", go_on, "ss.") as (asker, _):
        user = await a_user(asker)
        started = await asker.data(START, input={"userId": user, "message": "?"})
        response = started["startResponse"]["response"]
        assert (response["status"], response["text"]) == ("PENDING", "")
        seen: list[dict[str, Any]] = []
        async for one in asker.follow(EVENTS, id=response["id"]):
            seen.append(one["data"]["responseEvents"])
            if seen[-1].get("text") == "Che":
                half = await asker.data(
                    "query($id: ID!) { response(id: $id) { status text } }", id=response["id"]
                )
                assert half["response"] == {"status": "STREAMING", "text": "Che"}
                go_on.set()
        assert kinds(seen) == [(1, "Started"), (2, "Delta"), (3, "Delta"), (4, "Completed")]
        assert seen[-1]["response"] == {"status": "COMPLETED", "text": "Chess."}


async def test_late_and_resuming_followers_see_what_they_missed_and_no_more(
    reached: Access,
) -> None:
    async with scripted(reached, "Che", "ss.") as (asker, _):
        response = await generated(asker, await a_user(asker))
        whole = await events(asker, response["id"])
        for after in range(5):
            assert await events(asker, response["id"], after) == whole[after:]


async def test_many_followers_see_the_same(reached: Access) -> None:
    go_on = asyncio.Event()
    async with scripted(reached, "a", "b", go_on, "c") as (asker, _):
        id = await begun(asker, await a_user(asker))
        following = [asyncio.create_task(events(asker, id)) for _ in range(20)]
        go_on.set()
        first, *others = await asyncio.gather(*following)
        assert "".join(event.get("text", "") for event in first) == "abc"
        told = [(kinds(one), [event.get("text") for event in one]) for one in (first, *others)]
        assert all(other == told[0] for other in told)


async def test_a_model_that_gives_up_fails_the_response_and_keeps_the_text(reached: Access) -> None:
    away = ModelUnavailable("The model is away; try again later.")
    async with scripted(reached, "Che", away) as (asker, _):
        user = await a_user(asker)
        response = await generated(asker, user, "What?")
        assert (response["status"], response["text"], response["message"]) == (
            "FAILED",
            "Che",
            "What?",
        )
        assert response["error"] == {"code": "MODEL_UNAVAILABLE", "message": str(away)}
        seen = await events(asker, response["id"])
        assert kinds(seen) == [(1, "Started"), (2, "Delta"), (3, "Failed")]
        assert seen[-1]["error"] == {"code": "MODEL_UNAVAILABLE"}
        ended = [fact for fact in asker.facts if isinstance(fact, ResponseEnded)]
        assert [(fact.status, fact.code) for fact in ended] == [("FAILED", "MODEL_UNAVAILABLE")]


async def test_a_fault_of_ours_is_internal_and_says_nothing_of_its_inside(reached: Access) -> None:
    async with scripted(reached, RuntimeError("secret inside")) as (asker, _):
        response = await generated(asker, await a_user(asker))
        assert response["error"]["code"] == "INTERNAL"
        assert "secret" not in str(response)
        assert [str(fault.error) for fault in asker.faults] == ["secret inside"]


async def test_a_model_that_takes_too_long_is_stopped(reached: Access) -> None:
    never = asyncio.Event()
    async with scripted(reached, "a", never, settings={"model_timeout": 1}) as (asker, _):
        response = await generated(asker, await a_user(asker))
        assert (response["status"], response["text"]) == ("FAILED", "a")
        assert response["error"]["code"] == "MODEL_TIMEOUT"


async def test_a_server_that_stops_marks_what_it_was_generating(reached: Access) -> None:
    never = asyncio.Event()
    async with scripted(reached, "Che", never) as (asker, _):
        id = await begun(asker, await a_user(asker))
        async for one in asker.follow(EVENTS, id=id):
            if one["data"]["responseEvents"].get("text") == "Che":
                break
    async with scripted(reached) as (asker, _):
        seen = await events(asker, id)
        assert kinds(seen) == [(1, "Started"), (2, "Delta"), (3, "Failed")]
        assert seen[-1]["error"] == {"code": "RESPONSE_INTERRUPTED"}
        assert seen[-1]["response"]["text"] == "Che"


async def test_whoever_asked_may_go_and_the_response_is_finished_all_the_same(
    reached: Access,
) -> None:
    go_on = asyncio.Event()
    async with scripted(reached, "Che", go_on, "ss.") as (asker, model):
        user = await a_user(asker)
        asking_one = asyncio.create_task(
            asker.ask(GENERATE, input={"userId": user, "message": "?"})
        )
        await model.asked.wait()
        asking_one.cancel()
        go_on.set()
        talks = """{ user(by: { externalId: "ada" }) {
          conversations { edges { node { responses { edges { node { id } } } } } } } }"""
        (talk,) = (await asker.data(talks))["user"]["conversations"]["edges"]
        (edge,) = talk["node"]["responses"]["edges"]
        assert kinds(await events(asker, edge["node"]["id"]))[-1][1] == "Completed"


async def test_the_model_is_given_the_prompt_that_the_receipt_shows(reached: Access) -> None:
    async with scripted(reached, "Chess.") as (asker, model):
        user = await a_user(asker)
        await asker.data(
            """mutation($user: ID!) {
                 setProfile(input: { userId: $user, content: { home: "London" } }) { profile { id } }
                 createContext(input: {
                   userId: $user, contextType: "knowledge", content: { text: "Ada plays chess." }
                 }) { context { id } }
               }""",
            user=user,
        )
        response = await generated(asker, user, "What does Ada play?", budget=600)
        shown = await asker.data(
            """query($id: ID!) { response(id: $id) { grounding {
                 budget tokens prompt { role text }
                 items { section included contextVersion context { text } }
               } } }""",
            id=response["id"],
        )
        grounding = shown["response"]["grounding"]
        (prompt,) = model.prompts
        assert grounding["prompt"] == [
            {"role": message.role, "text": message.text} for message in prompt.messages
        ]
        assert grounding["tokens"] <= grounding["budget"] == 600
        assert [(item["section"], item["context"]["text"]) for item in grounding["items"]] == [
            ("PROFILE", "home: London"),
            ("KNOWLEDGE", "Ada plays chess."),
        ]
        assert [source.text for source in prompt.sources] == ["home: London", "Ada plays chess."]


async def test_the_receipt_stays_true_when_its_contexts_change(reached: Access) -> None:
    async with scripted(reached, "Chess.") as (asker, _):
        user = await a_user(asker)
        made = await asker.data(
            """mutation($user: ID!) { createContext(input: {
                 userId: $user, contextType: "knowledge", content: { text: "Ada plays chess." }
               }) { context { id } } }""",
            user=user,
        )
        response = await generated(asker, user, "What does Ada play?")
        await asker.data(
            """mutation($id: ID!) { updateContext(input: {
                 id: $id, expectedVersion: 1, content: { text: "Ada plays go." }
               }) { context { version } } }""",
            id=made["createContext"]["context"]["id"],
        )
        shown = await asker.data(
            """query($id: ID!) { response(id: $id) { grounding {
                 prompt { text } items { contextVersion context { version text } }
               } } }""",
            id=response["id"],
        )
        grounding = shown["response"]["grounding"]
        assert "Ada plays chess." in grounding["prompt"][0]["text"]
        assert grounding["items"] == [
            {"contextVersion": 1, "context": {"version": 2, "text": "Ada plays go."}}
        ]


async def test_the_last_turns_of_the_conversation_are_in_the_prompt(reached: Access) -> None:
    async with scripted(reached, "Yes.", settings={"recent_turns": 2}) as (asker, model):
        user = await a_user(asker)
        first = await generated(asker, user, "Question zero?")
        talk = (
            await asker.data(
                "query($id: ID!) { response(id: $id) { conversation { id } } }", id=first["id"]
            )
        )["response"]["conversation"]["id"]
        for number in ("one", "two", "three"):
            await generated(asker, user, f"Question {number}?", conversationId=talk)
        system = model.prompts[-1].messages[0].text
        conversation = system[system.index("<conversation>") :]
        assert "Question one?" in conversation
        assert "Question two?" in conversation
        assert "Question zero?" not in conversation


@pytest.mark.parametrize(
    ("wish", "code", "words"),
    [
        ({"model": "oracle"}, "BAD_USER_INPUT", "scripted"),
        ({"budget": 20}, "BAD_USER_INPUT", "Raise the budget"),
        ({"budget": 0}, "BAD_USER_INPUT", "budget"),
        ({"message": ""}, "BAD_USER_INPUT", "message"),
        ({"message": "a\x00b"}, "BAD_USER_INPUT", "U+0000"),
        ({"userId": "nobody"}, "BAD_USER_INPUT", "id of a User"),
        ({"conversationId": "nothing"}, "BAD_USER_INPUT", "id of a Conversation"),
    ],
)
async def test_a_wish_that_cannot_be_granted_leaves_nothing_behind(
    reached: Access, wish: dict[str, Any], code: str, words: str
) -> None:
    async with scripted(reached, "x") as (asker, _):
        user = await a_user(asker)
        error = await asker.error(GENERATE, input={"userId": user, "message": "?", **wish})
        assert error["extensions"]["code"] == code
        assert words in error["message"]
        left = await asker.server.db.fetchrow("select count(*) from conversations")
        assert left is not None
        assert left[0] == 0


async def test_a_response_that_does_not_exist_cannot_be_followed(asker: Asker) -> None:
    seen = [one async for one in asker.follow(EVENTS, id="nothing", after=0)]
    assert seen[0]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
