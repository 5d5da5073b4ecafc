"""What a client is told that repeats a mutation without a key: nothing is written twice by any of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.asking import Asker
from tests.responding import CANCEL, a_user, generated
from tests.schema.test_retries import rows
from tests.schema.test_writing import DELETE, RESTORE, UPDATE, a_context, a_conversation

UPDATE_CONVERSATION = """mutation($input: UpdateConversationInput!) { updateConversation(input: $input) {
  conversation { version title } } }"""
DELETE_CONVERSATION = """mutation($input: DeleteConversationInput!) { deleteConversation(input: $input) {
  conversation { version isActive } } }"""

GUARDED = [
    ("context", UPDATE, {"metadata": {"a": 1}}),
    ("context", RESTORE, {"version": 1}),
    ("conversation", UPDATE_CONVERSATION, {"title": "Go"}),
]


async def made(asker: Asker, noun: str) -> str:
    user = await a_user(asker)
    make = a_context if noun == "context" else a_conversation
    return str((await make(asker, user))["id"])


@pytest.mark.parametrize(("noun", "mutation", "change"), GUARDED)
async def test_a_change_that_is_repeated_is_a_conflict_with_what_it_made(
    asker: Asker, noun: str, mutation: str, change: dict[str, Any]
) -> None:
    id = await made(asker, noun)
    input = {"id": id, "expectedVersion": 1, **change}
    await asker.data(mutation, input=input)
    before = await rows(asker)
    error = await asker.error(mutation, input=input)
    assert error["extensions"]["code"] == "CONFLICT"
    assert error["extensions"]["currentVersion"] == 2
    assert await rows(asker) == before


@pytest.mark.parametrize("version", [{}, {"expectedVersion": 1}])
@pytest.mark.parametrize(
    ("noun", "mutation"), [("context", DELETE), ("conversation", DELETE_CONVERSATION)]
)
async def test_what_is_deleted_again_is_not_found_and_stays_as_it_is(
    asker: Asker, noun: str, mutation: str, version: dict[str, int]
) -> None:
    input = {"id": await made(asker, noun), **version}
    await asker.data(mutation, input=input)
    before = await rows(asker)
    error = await asker.error(mutation, input=input)
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert "was deleted" in error["message"]
    assert await rows(asker) == before


async def test_a_response_that_is_cancelled_again_is_given_as_it_ended(asker: Asker) -> None:
    response = await generated(asker, await a_user(asker))
    before = await rows(asker)
    for _ in range(2):
        again = (await asker.data(CANCEL, id=response["id"]))["cancelResponse"]["response"]
        assert again == response
    assert await rows(asker) == before
