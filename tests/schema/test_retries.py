"""Writes that may be repeated: one key, one write."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from db.pool import Access
from tests.asking import Asker, asking
from tests.schema.test_writing import CREATE, a_conversation, a_user

SELECTED = {
    "upsertUser": "user { id externalId name metadata }",
    "createContext": "context { id content metadata expiresAt version }",
    "createContexts": "contexts { id content createdAt version }",
    "setProfile": "profile { id content version }",
    "createConversation": "conversation { id title metadata version }",
    "generateResponse": "response { id message status text conversation { id } }",
    "startResponse": "response { id message conversation { id } }",
}
INPUTS: dict[str, dict[str, Any]] = {
    "upsertUser": {"externalId": "ada", "name": "Ada", "metadata": {"plan": "pro"}},
    "createContext": {"contextType": "note", "content": {"a": 1, "b": [None, 2.5]}},
    "createContexts": {
        "contexts": [{"contextType": "note", "content": {"n": n}} for n in range(3)]
    },
    "setProfile": {"content": {"home": "London"}},
    "createConversation": {"title": "Chess", "metadata": {"topic": "chess"}},
    "generateResponse": {"message": "What does Ada play?"},
    "startResponse": {"message": "What does Ada play?"},
}
OTHERS: dict[str, dict[str, Any]] = {
    "upsertUser": {"name": None},
    "createContext": {"content": {"a": 1, "b": [None, 2.50001]}},
    "createContexts": {
        "contexts": [{"contextType": "note", "content": {"n": n}} for n in (1, 0, 2)]
    },
    "setProfile": {"expectedVersion": 1},
    "createConversation": {"title": "chess"},
    "generateResponse": {"budget": 1999},
    "startResponse": {"message": "What does Ada play? "},
}
"""For each mutation what makes of its input another one."""

TABLES = ("users", "contexts", "context_versions", "conversations", "responses", "idempotency_keys")


def mutation(name: str) -> str:
    noun = "generateResponse" if name == "startResponse" else name
    kind = f"{noun[0].upper()}{noun[1:]}Input"
    return f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {SELECTED[name]} }} }}"


def given(name: str, user: str, /, **more: Any) -> dict[str, Any]:
    whose = {} if name == "upsertUser" else {"userId": user}
    return {**whose, **INPUTS[name], **more}


async def rows(asker: Asker) -> dict[str, int]:
    """How many there are in each table. A turn counts as a part of its response."""
    counts = {}
    for table in TABLES:
        turns = " where context_type <> 'conversation'" if table == "contexts" else ""
        row = await asker.server.db.fetchrow(f"select count(*) from {table}{turns}")
        assert row is not None
        counts[table] = row[0]
    return counts


async def an_expired_key(asker: Asker) -> None:
    """Let a day pass for every key."""
    await asker.server.db.fetch(
        "update idempotency_keys set created_at = created_at - interval '25 hours'"
    )


@pytest.mark.parametrize("name", SELECTED)
async def test_a_repeated_write_gives_the_first_result_and_writes_nothing(
    asker: Asker, name: str
) -> None:
    user = await a_user(asker)
    input = given(name, user, idempotencyKey="first")
    first = await asker.data(mutation(name), input=input)
    before = await rows(asker)
    assert before["idempotency_keys"] == 1
    for _ in range(2):
        assert await asker.data(mutation(name), input=input) == first
    assert await rows(asker) == before


@pytest.mark.parametrize("name", SELECTED)
async def test_a_key_with_another_input_is_a_mismatch(asker: Asker, name: str) -> None:
    user = await a_user(asker)
    await asker.data(mutation(name), input=given(name, user, idempotencyKey="first"))
    before = await rows(asker)
    other = given(name, user, idempotencyKey="first", **OTHERS[name])
    error = await asker.error(mutation(name), input=other)
    assert error["extensions"]["code"] == "IDEMPOTENCY_MISMATCH"
    assert name in error["message"]
    assert await rows(asker) == before


async def test_a_key_that_was_used_for_another_mutation_is_a_mismatch(asker: Asker) -> None:
    user = await a_user(asker)
    question = given("startResponse", user, idempotencyKey="first")
    await asker.data(mutation("startResponse"), input=question)
    error = await asker.error(mutation("generateResponse"), input=question)
    assert error["extensions"]["code"] == "IDEMPOTENCY_MISMATCH"
    assert "startResponse" in error["message"]


async def test_without_a_key_or_with_another_one_it_is_another_write(asker: Asker) -> None:
    user = await a_user(asker)
    for key in (None, None, "first", "second"):
        await asker.data(CREATE, input=given("createContext", user, idempotencyKey=key))
    found = await rows(asker)
    assert (found["contexts"], found["idempotency_keys"]) == (4, 2)


async def test_each_user_has_keys_of_their_own(asker: Asker) -> None:
    for name in ("ada", "grace"):
        user = await a_user(asker, name)
        await asker.data(CREATE, input=given("createContext", user, idempotencyKey="first"))
    assert (await rows(asker))["contexts"] == 2


@pytest.mark.whole_pool
async def test_a_hundred_at_once_leave_one_row_and_are_given_the_same(asker: Asker) -> None:
    assert asker.server.settings.pool_size < 100
    user = await a_user(asker)
    input = given("createContext", user, idempotencyKey="first")
    answers = await asyncio.gather(*(asker.data(CREATE, input=input) for _ in range(100)))
    assert all(answer == answers[0] for answer in answers)
    assert (await rows(asker))["contexts"] == 1


@pytest.mark.whole_pool
async def test_the_first_profile_of_a_user_is_made_once_by_many_at_once(asker: Asker) -> None:
    user = await a_user(asker)
    inputs = [
        given("setProfile", user, idempotencyKey=key) for key in ("a", "a", "b", "b", None) * 4
    ]
    answers = await asyncio.gather(
        *(asker.data(mutation("setProfile"), input=input) for input in inputs)
    )
    assert len({answer["setProfile"]["profile"]["id"] for answer in answers}) == 1
    found = await rows(asker)
    # Of six writes the first made it; a repetition is none.
    assert (found["contexts"], found["context_versions"]) == (1, 5)


async def test_a_repetition_after_a_restart_gives_the_first_result(reached: Access) -> None:
    async with asking(reached) as asker:
        user = await a_user(asker)
        input = given("createContexts", user, idempotencyKey="first")
        first = await asker.data(mutation("createContexts"), input=input)
    async with asking(reached) as asker:
        assert await asker.data(mutation("createContexts"), input=input) == first


async def test_a_repetition_gives_what_was_made_as_it_stands_now(asker: Asker) -> None:
    user = await a_user(asker)
    input = {"externalId": "ada", "name": "Ada", "idempotencyKey": "first"}
    await asker.data(mutation("upsertUser"), input=input)
    renamed = {"externalId": "ada", "name": "Countess"}
    await asker.data(mutation("upsertUser"), input=renamed)
    again = await asker.data(mutation("upsertUser"), input=input)
    assert (again["upsertUser"]["user"]["id"], again["upsertUser"]["user"]["name"]) == (
        user,
        "Countess",
    )


@pytest.mark.whole_pool
async def test_a_user_is_made_once(asker: Asker) -> None:
    input = {"externalId": "new", "name": "Ada", "idempotencyKey": "first"}
    answers = await asyncio.gather(
        *(asker.data(mutation("upsertUser"), input=input) for _ in range(20))
    )
    assert all(answer == answers[0] for answer in answers)


async def test_what_was_made_and_is_gone_is_not_found(asker: Asker) -> None:
    user = await a_user(asker)
    input = given("createContexts", user, idempotencyKey="first")
    await asker.data(mutation("createContexts"), input=input)
    await asker.server.db.fetch(
        "update contexts set expires_at = now() where content = '{\"n\": 1}'"
    )
    error = await asker.error(mutation("createContexts"), input=input)
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert "erased or has expired" in error["message"]


async def test_what_was_made_and_was_deleted_is_given_as_deleted(asker: Asker) -> None:
    input = given("createContext", await a_user(asker), idempotencyKey="first")
    made = (await asker.data(CREATE, input=input))["createContext"]["context"]
    await asker.data(
        "mutation($id: ID!) { deleteContext(input: { id: $id }) { context { id } } }", id=made["id"]
    )
    again = (await asker.data(CREATE, input=input))["createContext"]["context"]
    assert (again["id"], again["isActive"]) == (made["id"], False)


@pytest.mark.parametrize(
    ("name", "wrong", "code"),
    [
        ("createContext", {"content": [1]}, "BAD_USER_INPUT"),
        ("createContext", {"contextType": "knowledge"}, "BAD_USER_INPUT"),
        ("createContext", {"contextType": "profile"}, "CONFLICT"),
        ("setProfile", {"expectedVersion": 7}, "CONFLICT"),
        ("startResponse", {"model": "oracle"}, "BAD_USER_INPUT"),
        ("generateResponse", {"budget": 20}, "BAD_USER_INPUT"),
    ],
)
async def test_a_first_attempt_that_fails_leaves_its_key_free(
    asker: Asker, name: str, wrong: dict[str, Any], code: str
) -> None:
    user = await a_user(asker)
    await asker.data(mutation("setProfile"), input={"userId": user, "content": {}})
    before = await rows(asker)
    failing = given(name, user, idempotencyKey="first", **wrong)
    assert await asker.refused(mutation(name), input=failing) == code
    assert await rows(asker) == before
    await asker.data(mutation(name), input=given(name, user, idempotencyKey="first"))


@pytest.mark.parametrize("name", ["createContext", "startResponse"])
async def test_what_was_missing_is_made_and_the_very_same_attempt_succeeds(
    asker: Asker, name: str
) -> None:
    user = await a_user(asker)
    talk = await a_conversation(asker, user)
    input = given(name, user, idempotencyKey="first", conversationId=talk["id"])
    db = asker.server.db
    await db.fetch("update conversations set is_active = false")
    assert await asker.refused(mutation(name), input=input) == "NOT_FOUND"
    await db.fetch("update conversations set is_active = true")
    first = await asker.data(mutation(name), input=input)
    assert await asker.data(mutation(name), input=input) == first


async def test_whoever_waits_for_a_first_attempt_that_fails_makes_the_write(asker: Asker) -> None:
    user = await a_user(asker)
    input = given("createContext", user, idempotencyKey="first")
    db = asker.server.db
    async with asyncio.timeout(10):
        async with db.session() as session:
            await session.fetch("begin")
            await session.fetch(
                """insert into idempotency_keys (user_id, key, operation, input_hash)
                   select id, 'first', 'createContext', '' from users"""
            )
            waiting = asyncio.create_task(asker.data(CREATE, input=input))
            while not await db.fetch("select from pg_locks where not granted"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await session.fetch("rollback")
        await waiting
    assert (await rows(asker))["contexts"] == 1


@pytest.mark.whole_pool
async def test_a_key_that_is_past_its_time_is_as_good_as_new_before_it_is_swept(
    asker: Asker,
) -> None:
    user = await a_user(asker)
    input = given("createContext", user, idempotencyKey="first")
    first = await asker.data(CREATE, input=input)
    await an_expired_key(asker)
    answers = await asyncio.gather(*(asker.data(CREATE, input=input) for _ in range(20)))
    assert answers[0] != first
    assert all(answer == answers[0] for answer in answers)
    found = await rows(asker)
    assert (found["contexts"], found["idempotency_keys"]) == (2, 1)
    await an_expired_key(asker)
    await asker.data(
        mutation("setProfile"), input=given("setProfile", user, idempotencyKey="first")
    )


@pytest.mark.parametrize("name", SELECTED)
async def test_a_key_that_is_none_is_refused(asker: Asker, name: str) -> None:
    user = await a_user(asker)
    wrong = {"": "at least 1", "x" * 256: "at most 255", "a\x00b": "U+0000"}
    for key, words in wrong.items():
        error = await asker.error(mutation(name), input=given(name, user, idempotencyKey=key))
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert words in error["message"]
    await asker.data(mutation(name), input=given(name, user, idempotencyKey="é" * 255))


@pytest.mark.parametrize("name", SELECTED)
async def test_a_users_own_credential_repeats_its_own_writes(asker: Asker, name: str) -> None:
    user = await a_user(asker)
    ada = asker.seen_by("ada")
    input = given(name, user, idempotencyKey="first")
    first = await ada.data(mutation(name), input=input)
    assert await ada.data(mutation(name), input=input) == first
    assert await asker.data(mutation(name), input=input) == first


@pytest.mark.parametrize("name", SELECTED)
async def test_a_users_own_credential_learns_nothing_of_anothers_keys(
    asker: Asker, name: str
) -> None:
    user = await a_user(asker)
    input = given(name, user, idempotencyKey="first")
    await asker.data(mutation(name), input=input)
    before = await rows(asker)
    for more in ({}, OTHERS[name], {"idempotencyKey": "second"}):
        refused = await asker.seen_by("grace").refused(mutation(name), input={**input, **more})
        assert refused == ("FORBIDDEN" if name == "upsertUser" else "NOT_FOUND")
    assert await rows(asker) == before


async def test_a_write_with_a_key_takes_two_statements_more_and_one_without_none(
    asker: Asker, statements: list[str]
) -> None:
    user = await a_user(asker)
    counts = []
    for key in (None, "first", "first"):
        statements.clear()
        await asker.data(CREATE, input=given("createContext", user, idempotencyKey=key))
        counts.append(len(statements))
    # The write; the claim, the write and the record; the claim, the record and what it names.
    assert counts == [1, 3, 3]
