"""Writes that are repeated at another process, at once and later, and after the first one is gone."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.processes import paced_server
from tests.responding import GENERATE, START
from tests.schema.test_writing import CREATE
from tests.scripted import counted, paced
from tests.watching import WATCHES, ask, watched

UPSERT = 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'
STORED = """query($user: ID!) { user(by: { id: $user }) {
  contexts { totalCount }
  conversations(first: 1) { totalCount edges { node { responses { totalCount } } } }
} }"""


async def a_user(address: str) -> str:
    return str((await ask(address, UPSERT))["upsertUser"]["user"]["id"])


async def begun_before(address: str, input: dict[str, str]) -> dict[str, Any]:
    """The response that these have started, as it stands."""
    response: dict[str, Any] = (await ask(address, START, input=input))["startResponse"]["response"]
    return response


async def answered(address: str, user: str, message: str) -> dict[str, Any]:
    input = {"userId": user, "message": message, "idempotencyKey": "first"}
    response: dict[str, Any] = (await ask(address, GENERATE, input=input))["generateResponse"][
        "response"
    ]
    return response


async def test_a_hundred_at_once_at_two_processes_leave_one_row_and_are_given_the_same(
    database_url: str,
) -> None:
    with paced_server(database_url) as a, paced_server(database_url) as b:
        user = await a_user(a.address)
        input = {
            "userId": user,
            "contextType": "note",
            "content": {"n": 1},
            "idempotencyKey": "first",
        }
        answers = await asyncio.gather(
            *(ask(one.address, CREATE, input=input) for one in (a, b) * 50)
        )
        assert all(answer == answers[0] for answer in answers)
        stored = (await ask(b.address, STORED, user=user))["user"]
        assert stored["contexts"]["totalCount"] == 1
    with paced_server(database_url) as started_again:
        assert await ask(started_again.address, CREATE, input=input) == answers[0]


async def test_one_answer_is_generated_by_one_process_and_given_by_both(database_url: str) -> None:
    with paced_server(database_url) as a, paced_server(database_url) as b:
        user = await a_user(a.address)
        answers = await asyncio.gather(
            *(answered(one.address, user, paced(40, 0.02)) for one in (a, b) * 5)
        )
        answers.append(await answered(b.address, user, paced(40, 0.02)))
        assert all(answer == answers[0] for answer in answers)
        assert (answers[0]["status"], answers[0]["text"]) == ("COMPLETED", counted(40))
        talks = (await ask(b.address, STORED, user=user))["user"]["conversations"]
        assert talks == {"totalCount": 1, "edges": [{"node": {"responses": {"totalCount": 1}}}]}


async def test_an_answer_whose_process_is_killed_is_given_as_it_was_ended(
    database_url: str,
) -> None:
    with (
        paced_server(database_url, ORPHAN_TIMEOUT="1") as a,
        paced_server(database_url, ORPHAN_TIMEOUT="1") as b,
    ):
        user = await a_user(a.address)
        message = paced(2000, 0.02)
        first = asyncio.create_task(answered(a.address, user, message))
        input = {"userId": user, "message": message, "idempotencyKey": "other"}
        id = (await ask(a.address, START, input=input))["startResponse"]["response"]["id"]
        await watched(WATCHES["sse"], b.address, id, most=3)
        again = asyncio.create_task(answered(b.address, user, message))
        a.killed()
        await asyncio.wait([first])
        ended = await again
        assert first.exception() is not None
        assert ended["error"]["code"] == "RESPONSE_INTERRUPTED"
        assert await answered(b.address, user, message) == ended
        # Its lease may run out a moment after that of the other.
        async with asyncio.timeout(5):
            while (  # noqa: ASYNC110  # nobody tells
                started := await begun_before(b.address, input)
            )["status"] == "STREAMING":
                await asyncio.sleep(0.05)
        assert (started["id"], started["status"]) == (id, "FAILED")
