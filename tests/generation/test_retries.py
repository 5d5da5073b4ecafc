"""Answers that are asked for again with the same key: one response, one speech of the model."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from db.pool import Access
from tests.asking import Asker
from tests.responding import (
    GENERATE,
    START,
    a_user,
    answering,
    begun,
    cancelled,
    generated,
    scripted,
    spoken,
)
from tests.scripted import Scripted
from tests.waiting import until

KEY = {"idempotencyKey": "first"}


async def counted(asker: Asker) -> tuple[int, int]:
    """How many responses and conversations there are."""
    row = await asker.server.db.fetchrow(
        "select (select count(*) from responses), (select count(*) from conversations)"
    )
    assert row is not None
    return row[0], row[1]


@pytest.mark.whole_pool
async def test_a_hundred_who_ask_at_once_are_given_one_answer(reached: Access) -> None:
    go_on = asyncio.Event()
    limits = {"max_user_responses": 1, "max_responses": 1}
    async with scripted(reached, "Che", go_on, "ss.", settings=limits) as (asker, model):
        user = await a_user(asker)
        asked = [asyncio.create_task(generated(asker, user, **KEY)) for _ in range(100)]
        await model.asked.wait()
        go_on.set()
        answers = await asyncio.gather(*asked)
        assert all(answer == answers[0] for answer in answers)
        assert (answers[0]["status"], answers[0]["text"]) == ("COMPLETED", "Chess.")
        assert len(model.prompts) == 1
        assert await counted(asker) == (1, 1)


async def test_two_servers_give_one_answer_while_it_is_generated_and_later(
    reached: Access,
) -> None:
    go_on = asyncio.Event()
    async with (
        scripted(reached, "Che", go_on, "ss.") as (one, model),
        scripted(reached, "Go.") as (other, idle),
    ):
        user = await a_user(one)
        first = asyncio.create_task(generated(one, user, **KEY))
        await model.asked.wait()
        meanwhile = asyncio.create_task(generated(other, user, **KEY))
        await until(lambda: len(other.server.feeds) == 1)
        go_on.set()
        answers = [await first, await meanwhile, await generated(other, user, **KEY)]
        assert answers[0]["text"] == "Chess."
        assert all(answer == answers[0] for answer in answers)
        assert idle.prompts == []
        assert await counted(one) == (1, 1)


@pytest.mark.whole_pool
async def test_both_servers_asked_at_once_start_one_response(reached: Access) -> None:
    async with scripted(reached, "x") as (one, model), scripted(reached, "x") as (other, model2):
        user = await a_user(one)
        asked = [begun(asker, user, **KEY) for asker in (one, other) * 20]
        assert len(set(await asyncio.gather(*asked))) == 1
        await until(lambda: model.over.is_set() or model2.over.is_set())
        assert len(model.prompts) + len(model2.prompts) == 1


async def test_to_start_again_gives_the_response_at_once_as_it_stands(reached: Access) -> None:
    async with scripted(reached, "Che", asyncio.Event()) as (asker, model):
        user = await a_user(asker)
        id = await begun(asker, user, **KEY)
        await spoken(asker, id, "Che")
        again = await asker.data(START, input={"userId": user, "message": "?", **KEY})
        response = again["startResponse"]["response"]
        assert (response["id"], response["status"], response["text"]) == (id, "STREAMING", "Che")
        await cancelled(asker, id)
        again = await asker.data(START, input={"userId": user, "message": "?", **KEY})
        assert again["startResponse"]["response"]["status"] == "CANCELLED"
        assert len(model.prompts) == 1


async def test_a_repetition_counts_against_no_limit(reached: Access) -> None:
    limits = {"max_user_responses": 1, "max_responses": 1}
    async with scripted(reached, asyncio.Event(), settings=limits) as (asker, _):
        user = await a_user(asker)
        id = await begun(asker, user, **KEY)
        assert await begun(asker, user, **KEY) == id
        other = {"userId": user, "message": "?", "idempotencyKey": "second"}
        assert await asker.refused(START, input=other) == "RATE_LIMITED"
        await cancelled(asker, id)
        await until(lambda: len(asker.server.running) == 0)
        # Whoever was refused may repeat that, too.
        assert await begun(asker, user, idempotencyKey="second") != id


async def test_a_failed_answer_is_given_again_as_it_failed(reached: Access) -> None:
    async with scripted(reached, "Che", RuntimeError("no")) as (asker, model):
        user = await a_user(asker)
        first = await generated(asker, user, **KEY)
        assert first["status"] == "FAILED"
        assert await generated(asker, user, **KEY) == first
        assert len(model.prompts) == 1


async def test_a_repetition_needs_no_model_and_is_given_while_the_server_stops(
    reached: Access,
) -> None:
    async with scripted(reached, "Chess.") as (asker, _):
        user = await a_user(asker)
        first = await generated(asker, user, model="scripted", **KEY)
        await asker.server.drain(0)
        assert await generated(asker, user, model="scripted", **KEY) == first
    async with answering(reached, {"other": Scripted(["x"], name="other")}) as asker:
        assert await generated(asker, user, model="scripted", **KEY) == first
        other = {"userId": user, "message": "?", "model": "scripted", "idempotencyKey": "second"}
        assert await asker.refused(GENERATE, input=other) == "BAD_USER_INPUT"


async def test_whoever_waits_here_for_another_server_is_told_when_this_one_stops(
    reached: Access,
) -> None:
    async with (
        scripted(reached, asyncio.Event()) as (one, _),
        scripted(reached, "x") as (other, _),
    ):
        user = await a_user(one)
        first = asyncio.create_task(generated(one, user, **KEY))
        await until(lambda: len(one.server.running) == 1)
        waiting = asyncio.create_task(
            other.error(GENERATE, input={"userId": user, "message": "?", **KEY})
        )
        await until(lambda: len(other.server.feeds) == 1)
        await other.server.drain(0)
        error = await waiting
        assert error["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert "same idempotency key" in error["message"]
        await one.server.drain(0)
        assert (await first)["error"]["code"] == "RESPONSE_INTERRUPTED"


async def test_a_response_whose_server_hangs_is_given_as_it_was_ended(reached: Access) -> None:
    async with scripted(reached, settings={"orphan_timeout": 1.0}) as (other, _):
        async with scripted(
            reached, "Che", asyncio.Event(), settings={"orphan_timeout": 100.0}
        ) as (one, _):
            user = await a_user(one)
            id = await begun(one, user, **KEY)
            await spoken(one, id, "Che")
            asked: dict[str, Any] = {"userId": user, "message": "?", **KEY}
            again = await other.data(START, input=asked)
            assert again["startResponse"]["response"]["status"] == "STREAMING"
            await one.server.db.fetch("update responses set lease_until = now()")
            await until(lambda: len(one.server.running) == 0)
        response = (await other.data(START, input=asked))["startResponse"]["response"]
        assert (response["id"], response["text"]) == (id, "Che")
        assert response["error"]["code"] == "RESPONSE_INTERRUPTED"


async def test_whoever_stops_waiting_stops_neither_the_response_nor_the_others(
    reached: Access,
) -> None:
    go_on = asyncio.Event()
    async with (
        scripted(reached, "Che", go_on, "ss.") as (one, model),
        scripted(reached, "x") as (other, _),
    ):
        user = await a_user(one)
        leaving = [asyncio.create_task(generated(one, user, **KEY))]
        await model.asked.wait()
        leaving.append(asyncio.create_task(generated(other, user, **KEY)))
        staying = asyncio.create_task(generated(other, user, **KEY))
        await until(lambda: len(other.server.feeds) == 2)
        for task in leaving:
            task.cancel()
        await asyncio.wait(leaving)
        await until(lambda: len(other.server.feeds) == 1)
        go_on.set()
        assert (await staying)["text"] == "Chess."
        assert len(other.server.feeds) == 0


@pytest.mark.parametrize("key", [None, "first"])
async def test_what_is_stored_is_worked_on_or_nothing_is_stored(
    reached: Access, key: str | None
) -> None:
    async with scripted(reached, "Chess.") as (asker, model):
        user = await a_user(asker)
        # The connection is taken away in the middle of the write.
        await asker.server.db.fetch(
            """create function fail() returns trigger language plpgsql as
               $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$"""
        )
        await asker.server.db.fetch(
            "create trigger fail before insert on responses for each row execute function fail()"
        )
        asked = {"userId": user, "message": "?", "idempotencyKey": key}
        assert await asker.refused(START, input=asked) == "SERVICE_UNAVAILABLE"
        assert await counted(asker) == (0, 0)
        await asker.server.db.fetch("drop trigger fail on responses")
        await begun(asker, user, idempotencyKey=key)
        await model.over.wait()
        assert await counted(asker) == (1, 1)
