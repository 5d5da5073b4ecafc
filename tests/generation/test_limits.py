"""How much may run at once, and how long an answer may get."""

from __future__ import annotations

import asyncio
from typing import Any

from api.observe import LimitHit
from db.pool import Access
from tests.responding import (
    START,
    a_user,
    begun,
    cancelled,
    events,
    generated,
    kinds,
    scripted,
)


async def test_one_user_has_so_many_unfinished_responses_and_others_have_theirs(
    reached: Access,
) -> None:
    async with scripted(reached, asyncio.Event(), settings={"max_user_responses": 2}) as (asker, _):
        ada, grace = await a_user(asker, "ada"), await a_user(asker, "grace")
        first = await begun(asker, ada)
        await begun(asker, ada)
        error = await asker.error(START, input={"userId": ada, "message": "?"})
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert error["extensions"]["limit"] == 2
        assert asker.facts.count(LimitHit("user_responses")) == 1
        await begun(asker, grace)
        await cancelled(asker, first)
        await begun(asker, ada)


async def test_one_process_generates_so_many(reached: Access) -> None:
    async with scripted(reached, asyncio.Event(), settings={"max_responses": 2}) as (asker, _):
        users = [await a_user(asker, name) for name in ("a", "b", "c")]
        wishes: list[dict[str, Any]] = [{"userId": user, "message": "?"} for user in users]
        answers = await asyncio.gather(*(asker.ask(START, input=wish) for wish in wishes))
        refused = [answer["errors"][0]["extensions"] for answer in answers if "errors" in answer]
        assert [(one["code"], one["limit"]) for one in refused] == [("RATE_LIMITED", 2)]
        assert asker.facts.count(LimitHit("responses")) == 1
        left = await asker.server.db.fetchrow("select count(*) from responses")
        assert left is not None
        assert left[0] == 2


async def test_an_answer_that_gets_too_long_fails_with_what_was_allowed(reached: Access) -> None:
    lines = ["ten chars.", "and more"]
    async with scripted(reached, *lines, settings={"max_response_chars": 12}) as (asker, _):
        response = await generated(asker, await a_user(asker))
        assert (response["status"], response["text"]) == ("FAILED", "ten chars.an")
        assert response["error"]["code"] == "OPERATION_TOO_COSTLY"
        assert "12 characters" in response["error"]["message"]
        assert kinds(await events(asker, response["id"]))[-1][1] == "Failed"


async def test_what_cannot_be_stored_is_replaced(reached: Access) -> None:
    async with scripted(reached, "a\x00b", "\ud83d!") as (asker, _):
        response = await generated(asker, await a_user(asker))
        assert response["text"] == "a\ufffdb\ufffd!"
