from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from db import contexts, conversations, response_events, response_writes, responses
from db.errors import Missing, Violated
from db.notifications import listening
from db.paging import Page
from db.pool import Access, Database
from db.records import Response, User
from db.response_writes import Answer
from tests.conftest import run_sql
from tests.making import a_user

TURN = {"role": "assistant", "message": "Chess.", "user_message": "What does Ada play?"}
ANSWER = Answer("Chess.", TURN, "User: What does Ada play?\nAssistant: Chess.", 10, 2)


async def asked(db: Database, user: User) -> Response:
    return await response_writes.create(
        db, user.id, None, message="What does Ada play?", model="scripted", budget=500
    )


async def now(db: Database, response: Response) -> Response:
    owned = response.user_id, response.id
    return (await responses.get_many(db, [owned]))[owned]


async def test_a_response_begins_a_conversation_and_goes_through_its_states(db: Database) -> None:
    user = await a_user(db)
    response = await asked(db, user)
    owned = response.user_id, response.id
    assert (response.status, response.text, response.grounding) == ("PENDING", "", None)

    await response_writes.begin(db, *owned, {"items": []})
    await response_writes.append(db, *owned, 2, "Che")
    await response_writes.append(db, *owned, 3, "ss.")
    speaking = await now(db, response)
    assert (speaking.status, speaking.text) == ("STREAMING", "Chess.")
    assert speaking.first_token_at is not None

    await response_writes.complete(db, *owned, 4, ANSWER)
    done = await now(db, response)
    assert (done.status, done.text, done.output_tokens) == ("COMPLETED", "Chess.", 2)
    events = await response_events.after(db, *owned, 0)
    assert [(e.seq, e.kind) for e in events] == [
        (1, "STARTED"), (2, "DELTA"), (3, "DELTA"), (4, "COMPLETED")
    ]  # fmt: skip
    talk = (user.id, response.conversation_id)
    turns = await contexts.turns_by_conversation(db, [talk], Page(9, newest_first=False))
    assert [turn.content for turn in turns[talk]] == [TURN]


async def test_a_failed_response_keeps_its_message_and_the_text_so_far(db: Database) -> None:
    user = await a_user(db)
    response = await asked(db, user)
    owned = response.user_id, response.id
    await response_writes.begin(db, *owned, {})
    await response_writes.append(db, *owned, 2, "Che")
    await response_writes.fail(db, *owned, "MODEL_TIMEOUT", "too long")
    done = await now(db, response)
    assert (done.status, done.text, done.error_code) == ("FAILED", "Che", "MODEL_TIMEOUT")
    assert done.message == "What does Ada play?"
    with pytest.raises(Missing):
        await response_writes.complete(db, *owned, 3, ANSWER)
    talk = (user.id, response.conversation_id)
    assert await contexts.turns_by_conversation(db, [talk], Page(9)) == {}


async def test_a_response_in_a_foreign_or_deleted_conversation_is_not_begun(db: Database) -> None:
    ada, grace = await a_user(db), await a_user(db, "grace")
    theirs = await conversations.create(db, grace.id, None, {})
    gone = await conversations.create(db, ada.id, None, {})
    await conversations.soft_delete(db, ada.id, gone.id)
    for talk in (theirs, gone):
        with pytest.raises(Missing):
            await response_writes.create(
                db, ada.id, talk.id, message="?", model="scripted", budget=500
            )


async def test_a_response_for_an_unknown_user_leaves_nothing_behind(db: Database) -> None:
    with pytest.raises(Violated):
        await response_writes.create(db, uuid4(), None, message="?", model="scripted", budget=500)
    left = await db.fetchrow("select count(*) from conversations")
    assert left is not None
    assert left[0] == 0


async def test_whoever_waits_is_woken_by_an_event_of_their_response_only(
    db: Database, reached: Access
) -> None:
    user = await a_user(db)
    mine, other = await asked(db, user), await asked(db, user)
    async with listening(reached.url, lambda _: None) as notifications:
        with notifications.waiter(mine.id) as news, notifications.waiter(other.id) as silence:
            await response_writes.begin(db, mine.user_id, mine.id, {})
            async with asyncio.timeout(5):
                await news.wait()
            assert not silence.is_set()


async def test_a_lost_listener_comes_back_and_wakes_everybody(
    db: Database, reached: Access
) -> None:
    user = await a_user(db)
    response = await asked(db, user)
    lost: list[str] = []
    async with listening(reached.url, lost.append) as notifications:
        with notifications.waiter(response.id) as news:
            await run_sql(
                reached.url,
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where query like 'LISTEN%' and datname = current_database()",
            )
            async with asyncio.timeout(5):
                await news.wait()
            assert len(lost) == 1
            news.clear()
            await response_writes.begin(db, response.user_id, response.id, {})
            async with asyncio.timeout(5):
                await news.wait()


async def test_deleting_a_conversation_takes_its_contexts_with_it_and_keeps_history(
    db: Database,
) -> None:
    user = await a_user(db)
    response = await asked(db, user)
    owned = response.user_id, response.id
    await response_writes.begin(db, *owned, {})
    await response_writes.complete(db, *owned, 2, ANSWER)
    gone = await conversations.soft_delete(db, user.id, response.conversation_id)
    assert (gone.is_active, gone.version) == (False, 2)
    talk = (user.id, response.conversation_id)
    assert await contexts.turns_by_conversation(db, [talk], Page(9)) == {}
    kept = await db.fetchrow("select count(*) from context_versions")
    assert kept is not None
    assert kept[0] == 1
