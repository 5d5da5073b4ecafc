"""`rateResponse` and `Response.rating`: what users thought of their answers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from api.observe import ResponseRated
from api.schema.identity import Kind, global_id, named
from db import users
from db.pool import Access
from tests.asking import Asker
from tests.responding import (
    RATE,
    a_user,
    begun,
    cancelled,
    generated,
    rated,
    scripted,
    spoken,
)

RATING = "query($id: ID!) { response(id: $id) { rating { score comment createdAt } } }"


async def rating(asker: Asker, id: str) -> Any:
    response = (await asker.data(RATING, id=id))["response"]
    return response and response["rating"]


async def test_an_answer_is_unrated_until_its_user_rates_it(asker: Asker) -> None:
    id = (await generated(asker, await a_user(asker)))["id"]
    assert await rating(asker, id) is None
    ada = asker.seen_by("ada")
    given = await rated(ada, id, 4, "Fine, but which engine? 🧐")
    assert (given["score"], given["comment"]) == (4, "Fine, but which engine? 🧐")
    assert await rating(ada, id) == await rating(asker, id) == given


async def test_a_rating_replaces_the_one_before_with_its_comment(asker: Asker) -> None:
    id = (await generated(asker, await a_user(asker)))["id"]
    before = await rated(asker, id, 1, "Wrong.")
    after = await rated(asker, id, 5)
    assert (after["score"], after["comment"]) == (5, None)
    assert after["createdAt"] > before["createdAt"]
    assert await rating(asker, id) == after


async def test_what_failed_or_was_cancelled_may_be_rated_and_what_goes_on_may_not(
    reached: Access,
) -> None:
    async with scripted(reached, "Che", asyncio.Event()) as (asker, _):
        id = await begun(asker, await a_user(asker))
        await spoken(asker, id, "Che")
        error = await asker.error(RATE, input={"id": id, "score": 3})
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert "has not ended yet" in error["message"]
        assert await rating(asker, id) is None
        await cancelled(asker, id)
        assert (await rated(asker, id, 3))["score"] == 3
    async with scripted(reached, RuntimeError("on fire")) as (asker, _):
        failed = await generated(asker, await a_user(asker))
        assert failed["status"] == "FAILED"
        assert (await rated(asker, failed["id"], 1))["score"] == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("score", 0),
        ("score", 6),
        ("score", -(2**31)),
        ("score", 2**31),
        ("score", 4.5),
        ("score", "5"),
        ("score", True),
        ("score", None),
        ("comment", "x" * 2001),
        ("comment", "a\x00b"),
        ("comment", 7),
        ("id", "nonsense"),
        ("id", ""),
    ],
)
async def test_an_odd_rating_is_refused_and_changes_nothing(
    asker: Asker, field: str, value: object
) -> None:
    id = (await generated(asker, await a_user(asker)))["id"]
    before = await rated(asker, id, 3, "So so.")
    given = {"id": id, "score": 4, "comment": "Fine.", field: value}
    assert await asker.refused(RATE, input=given) == "BAD_USER_INPUT"
    assert await rating(asker, id) == before
    assert not asker.faults


async def test_a_comment_of_two_thousand_characters_of_any_script_is_kept(asker: Asker) -> None:
    id = (await generated(asker, await a_user(asker)))["id"]
    assert (await rated(asker, id, 3, "𝄞" * 2000))["comment"] == "𝄞" * 2000


async def test_another_users_answer_and_one_that_nobody_has_are_not_found(asker: Asker) -> None:
    id = (await generated(asker, await a_user(asker)))["id"]
    await a_user(asker, "bob")
    bob = asker.seen_by("bob")
    owner, row = named(Kind.Response, id)
    own = users.id_of(asker.server.db, "bob")
    borrowed = [id, global_id(Kind.Response, own, row), global_id(Kind.Response, own, owner)]
    errors = [await bob.error(RATE, input={"id": one, "score": 1}) for one in borrowed]
    assert {error["extensions"]["code"] for error in errors} == {"NOT_FOUND"}
    assert len({error["message"] for error in errors}) == 1
    assert await rating(asker, id) is None
    assert not asker.faults


async def test_that_an_answer_was_rated_is_observed_without_its_comment(asker: Asker) -> None:
    user = await a_user(asker)
    id = (await generated(asker, user))["id"]
    await rated(asker, id, 2, "xq7")
    await asker.refused(RATE, input={"id": id, "score": 6})
    owner, row = named(Kind.Response, id)
    told = [fact for fact in asker.facts if isinstance(fact, ResponseRated)]
    assert told == [ResponseRated(str(row), str(owner), "extractive", 2)]


async def test_rating_takes_one_statement(asker: Asker, statements: list[str]) -> None:
    id = (await generated(asker, await a_user(asker)))["id"]
    statements.clear()
    await rated(asker, id, 5)
    assert len(statements) == 1
