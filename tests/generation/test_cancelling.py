"""Ending a response by wish, wherever it runs."""

from __future__ import annotations

import asyncio

from api.observe import ResponseEnded
from db.pool import Access
from tests.responding import (
    CANCEL,
    a_user,
    answering,
    begun,
    cancelled,
    events,
    kinds,
    scripted,
    spoken,
)
from tests.scripted import Scripted


async def test_cancelling_stops_the_model_keeps_the_text_and_ends_who_follows(
    reached: Access,
) -> None:
    async with scripted(reached, "Che", asyncio.Event()) as (asker, model):
        id = await begun(asker, await a_user(asker))
        following = asyncio.create_task(events(asker, id))
        await spoken(asker, id, "Che")
        response = await cancelled(asker, id)
        assert (response["status"], response["text"]) == ("CANCELLED", "Che")
        async with asyncio.timeout(5):
            await model.over.wait()
            seen = await following
        assert kinds(seen) == [(1, "Started"), (2, "Delta"), (3, "Cancelled")]
        assert seen[-1]["response"] == {"status": "CANCELLED", "text": "Che"}
        assert kinds(await events(asker, id)) == kinds(seen)
        ended = [fact.status for fact in asker.facts if isinstance(fact, ResponseEnded)]
        assert ended == ["CANCELLED"]
        assert not asker.faults


async def test_a_cancelled_response_leaves_no_turn(reached: Access) -> None:
    async with scripted(reached, "Che", asyncio.Event()) as (asker, _):
        id = await begun(asker, await a_user(asker))
        await spoken(asker, id, "Che")
        await cancelled(asker, id)
        turns = await asker.data(
            "query($id: ID!) { response(id: $id) { conversation { turns { edges { cursor } } } } }",
            id=id,
        )
        assert turns["response"]["conversation"]["turns"]["edges"] == []


async def test_cancelling_again_or_too_late_is_harmless_and_says_how_it_stands(
    reached: Access,
) -> None:
    async with scripted(reached, "Chess.") as (asker, _):
        user = await a_user(asker)
        id = await begun(asker, user)
        whole = kinds(await events(asker, id))
        assert (await cancelled(asker, id))["status"] == "COMPLETED"
        assert kinds(await events(asker, id)) == whole
    async with scripted(reached, asyncio.Event()) as (asker, _):
        id = await begun(asker, user)
        assert (await cancelled(asker, id))["status"] == "CANCELLED"
        assert (await cancelled(asker, id))["status"] == "CANCELLED"
        assert kinds(await events(asker, id))[-1][1] == "Cancelled"


async def test_what_does_not_exist_is_not_cancelled(reached: Access) -> None:
    async with scripted(reached, "Chess.") as (asker, _):
        id = await begun(asker, await a_user(asker))
        await events(asker, id)
        await asker.server.db.fetch("delete from responses")
        assert await asker.refused(CANCEL, id=id) == "NOT_FOUND"
        assert await asker.refused(CANCEL, id="nothing") == "BAD_USER_INPUT"


async def test_another_server_on_the_database_stops_the_model_too(reached: Access) -> None:
    model = Scripted(["Che", asyncio.Event()])
    async with (
        answering(reached, {"scripted": model}) as one,
        answering(reached, {"scripted": Scripted([])}) as other,
    ):
        id = await begun(one, await a_user(one))
        following = asyncio.create_task(events(other, id))
        await spoken(other, id, "Che")
        assert (await cancelled(other, id))["status"] == "CANCELLED"
        async with asyncio.timeout(5):
            await model.over.wait()
            assert kinds(await following)[-1] == (3, "Cancelled")


async def test_a_model_is_stopped_even_if_the_word_of_it_was_lost(reached: Access) -> None:
    """Nobody is told, as when the listening connection is away: the next heartbeat but one finds out."""
    async with scripted(reached, "Che", asyncio.Event(), settings={"orphan_timeout": 1.0}) as (
        asker,
        model,
    ):
        id = await begun(asker, await a_user(asker))
        await spoken(asker, id, "Che")
        await asker.server.db.fetch(
            "update responses set status = 'CANCELLED', completed_at = now(), lease_until = null"
        )
        async with asyncio.timeout(5):
            await model.over.wait()
