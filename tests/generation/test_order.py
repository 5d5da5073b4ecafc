"""Two responses at once in one conversation."""

from __future__ import annotations

import asyncio
from typing import Any

from db.pool import Access
from tests.asking import Asker
from tests.responding import a_user, answering, begun, events, generated, shown
from tests.scripted import Scripted

TALK = "query($id: ID!) { response(id: $id) { conversation { id } } }"
TURNS = """query($id: ID!) { conversation(id: $id) { turns { edges { node { content } } } } }"""


async def talk_of(asker: Asker, response: str) -> str:
    return str((await asker.data(TALK, id=response))["response"]["conversation"]["id"])


async def questions(asker: Asker, talk: str) -> list[Any]:
    turns = (await asker.data(TURNS, id=talk))["conversation"]["turns"]["edges"]
    return [edge["node"]["content"]["user_message"] for edge in turns]


async def test_turns_stand_as_they_were_asked_and_only_complete_ones_are_in_the_next_prompt(
    reached: Access,
) -> None:
    go_on = asyncio.Event()
    slow, quick = Scripted(["Slow", go_on, "ly."], "slow"), Scripted(["Quickly."], "quick")
    async with answering(reached, {"slow": slow, "quick": quick}) as asker:
        user = await a_user(asker)
        first = await begun(asker, user, "First?")
        await slow.asked.wait()
        talk = await talk_of(asker, first)
        second = await generated(asker, user, "Second?", conversationId=talk, model="quick")
        assert second["status"] == "COMPLETED"
        assert "First?" not in str(quick.prompts[0])
        go_on.set()
        await events(asker, first)
        assert (await shown(asker, first))["text"] == "Slowly."
        assert await questions(asker, talk) == ["First?", "Second?"]
        await generated(asker, user, "Third?", conversationId=talk, model="quick")
        third = str(quick.prompts[1])
        assert third.index("First?") < third.index("Second?")
