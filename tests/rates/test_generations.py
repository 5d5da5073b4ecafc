"""Answers have a limit of their own, for each user, whoever asks for them and over whatever field."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.pool import Access
from tests.asking import SETTINGS, Asker, asking
from tests.responding import a_user

START = """mutation($input: GenerateResponseInput!) { startResponse(input: $input) { response { id } } }"""

TWICE = """mutation($input: GenerateResponseInput!) {
  a: generateResponse(input: $input) { response { status } }
  b: startResponse(input: $input) { response { status } }
}"""


@pytest.fixture
async def limited(reached: Access) -> AsyncIterator[Asker]:
    """Two answers an hour for each user."""
    settings = SETTINGS.model_copy(update={"generation_rate_limit": 2, "rate_window": 3600})
    async with asking(reached, settings=settings) as asker:
        yield asker


def question(user: str, **more: Any) -> dict[str, Any]:
    return {"userId": user, "message": "Who am I?", **more}


async def test_each_field_that_begins_an_answer_counts(limited: Asker) -> None:
    ada = await a_user(limited)
    await limited.data(TWICE, input=question(ada))
    error = await limited.error(START, input=question(ada))
    assert "2 answers were begun for this user already" in error["message"]
    told = error["extensions"]
    assert (told["code"], told["limit"], told["remaining"]) == ("RATE_LIMITED", 2, 0)
    assert told["resetAt"].endswith(":00:00Z")


async def test_what_begins_no_answer_does_not_count(limited: Asker) -> None:
    ada = await a_user(limited)
    for wrong in ({"model": "oracle"}, {"conversationId": "x"}, {"budget": 1}):
        assert await limited.refused(START, input=question(ada, **wrong)) == "BAD_USER_INPUT"
    first = await limited.data(START, input=question(ada, idempotencyKey="once"))
    for _ in range(3):
        assert await limited.data(START, input=question(ada, idempotencyKey="once")) == first
    await limited.data(START, input=question(ada))
    assert await limited.refused(START, input=question(ada)) == "RATE_LIMITED"


async def test_a_user_cannot_use_up_what_another_has(limited: Asker) -> None:
    ada, bob = await a_user(limited), await a_user(limited, "bob")
    for _ in range(3):
        code = await limited.seen_by("bob").refused(START, input=question(ada))
        assert code in {"NOT_FOUND", "FORBIDDEN"}
    await limited.seen_by("ada").data(TWICE, input=question(ada))
    await limited.data(TWICE, input=question(bob))
