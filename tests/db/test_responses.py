from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest

from db import (
    contexts,
    conversations,
    response_endings,
    response_events,
    response_writes,
    responses,
)
from db.errors import Missing, TooMany
from db.notifications import Ears, listening
from db.paging import Page
from db.pool import Access, Database
from db.records import Response, User
from db.response_endings import CANCELLED, Ending
from db.response_writes import Answer, NewResponse
from tests.databases import run_sql
from tests.making import a_user

TURN = {"role": "assistant", "message": "Chess.", "user_message": "What does Ada play?"}
ANSWER = Answer(TURN, "User: What does Ada play?\nAssistant: Chess.", 10, 2)
TIMEOUT = Ending("FAILED", "MODEL_TIMEOUT", "too long")


def wanted(talk: UUID | None = None, lease: float = 60) -> NewResponse:
    return NewResponse(talk, "What does Ada play?", "scripted", 500, lease)


async def asked(db: Database, user: User, talk: UUID | None = None, lease: float = 60) -> Response:
    return await response_writes.create(db, user.id, wanted(talk, lease), 10)


async def told(db: Database, response: Response, after: int = 0) -> list[tuple[int, str, str]]:
    stretch = await response_events.after(db, response.user_id, response.id, after)
    return [(event.seq, event.kind, event.text) for event in stretch.events]


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

    running = await told(db, response)
    done = await response_writes.complete(db, *owned, ANSWER)
    assert done == await now(db, response)
    assert done is not None
    assert (done.status, done.text, done.output_tokens) == ("COMPLETED", "Chess.", 2)
    events = await told(db, response)
    assert events == [
        (1, "STARTED", ""), (2, "DELTA", "Che"), (3, "DELTA", "ss."), (4, "COMPLETED", "")
    ]  # fmt: skip
    assert events[:3] == running
    assert await response_writes.complete(db, *owned, ANSWER) is None
    talk = (user.id, response.conversation_id)
    turns = await contexts.turns_by_conversation(db, [talk], Page(9, newest_first=False))
    assert [turn.content for turn in turns[talk]] == [TURN]


async def test_a_failed_response_keeps_its_message_and_the_text_so_far(db: Database) -> None:
    user = await a_user(db)
    response = await asked(db, user)
    owned = response.user_id, response.id
    await response_writes.begin(db, *owned, {})
    await response_writes.append(db, *owned, 2, "Che")
    await response_endings.end(db, *owned, TIMEOUT)
    done = await now(db, response)
    assert (done.status, done.text, done.error_code) == ("FAILED", "Che", "MODEL_TIMEOUT")
    assert done.message == "What does Ada play?"
    assert await response_writes.complete(db, *owned, ANSWER) is None
    with pytest.raises(Missing):
        await response_writes.append(db, *owned, 3, "ss.")
    talk = (user.id, response.conversation_id)
    assert await contexts.turns_by_conversation(db, [talk], Page(9)) == {}


async def test_a_response_in_a_foreign_or_deleted_conversation_is_not_begun(db: Database) -> None:
    ada, grace = await a_user(db), await a_user(db, "grace")
    theirs = await conversations.create(db, grace.id, None, {})
    gone = await conversations.create(db, ada.id, None, {})
    await conversations.soft_delete(db, ada.id, gone.id)
    for talk in (theirs, gone):
        with pytest.raises(Missing):
            await asked(db, ada, talk.id)


async def test_a_response_for_an_unknown_user_leaves_nothing_behind(db: Database) -> None:
    with pytest.raises(Missing):
        await response_writes.create(db, uuid4(), wanted(), 10)
    left = await db.fetchrow("select count(*) from conversations")
    assert left is not None
    assert left[0] == 0


@pytest.mark.whole_pool
async def test_an_unfinished_response_too_many_is_refused_even_when_all_are_asked_at_once(
    db: Database,
) -> None:
    user = await a_user(db)
    asking = [response_writes.create(db, user.id, wanted(), 3) for _ in range(8)]
    made = await asyncio.gather(*asking, return_exceptions=True)
    assert sum(isinstance(one, Response) for one in made) == 3
    assert sum(isinstance(one, TooMany) for one in made) == 5
    ended = next(one for one in made if isinstance(one, Response))
    await response_endings.end(db, user.id, ended.id, CANCELLED)
    await response_writes.create(db, user.id, wanted(), 3)


TEXTS = ["Che", "ss", "", "\U0001f600 e\u0301", "."]


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("count", [0, 1, 5])
async def test_the_events_of_an_ended_response_are_told_from_one_row_from_any_number_on(
    db: Database, begun: bool, count: int
) -> None:
    response = await asked(db, await a_user(db))
    owned = response.user_id, response.id
    if begun:
        await response_writes.begin(db, *owned, {})
        for seq, text in enumerate(TEXTS[:count], 2):
            await response_writes.append(db, *owned, seq, text)
    running = await told(db, response)
    await response_endings.end(db, *owned, CANCELLED)
    whole = [*running, (len(running) + 1, "CANCELLED", "")]
    for after in range(len(whole) + 2):
        assert await told(db, response, after) == whole[after:]
    left = await db.fetchrow("select count(*) from response_events")
    assert left is not None
    assert left[0] == 0
    assert (await now(db, response)).text == "".join(TEXTS[:count] if begun else [])


async def test_a_statement_that_is_sent_again_writes_nothing_twice(db: Database) -> None:
    response = await asked(db, await a_user(db))
    owned = response.user_id, response.id
    for _ in range(2):
        await response_writes.begin(db, *owned, {"items": []})
    for _ in range(2):
        await response_writes.append(db, *owned, 2, "Chess.")
    assert await told(db, response) == [(1, "STARTED", ""), (2, "DELTA", "Chess.")]


async def test_ending_twice_changes_nothing(db: Database) -> None:
    response = await asked(db, await a_user(db))
    owned = response.user_id, response.id
    ended = await response_endings.end(db, *owned, CANCELLED)
    assert ended is not None
    assert await response_endings.end(db, *owned, TIMEOUT) is None
    assert await now(db, response) == ended


async def test_a_response_that_is_ended_while_it_speaks_loses_no_word_and_gains_none(
    db: Database,
) -> None:
    """What was accepted is the text, wherever the end fell."""
    response = await asked(db, await a_user(db))
    owned = response.user_id, response.id
    await response_writes.begin(db, *owned, {})
    said: list[str] = []
    enough = asyncio.Event()

    async def speak() -> None:
        with suppress(Missing):
            for seq in range(2, 500):
                await response_writes.append(db, *owned, seq, f"{seq} ")
                said.append(f"{seq} ")
                if seq == 20:
                    enough.set()

    speaking = asyncio.create_task(speak())
    await enough.wait()
    ended = await response_endings.end(db, *owned, CANCELLED)
    await speaking
    assert ended is not None
    assert ended.text == "".join(said)
    assert [seq for seq, _, _ in await told(db, response)] == list(range(1, len(said) + 3))


async def test_only_a_response_whose_lease_has_run_out_is_taken_for_an_orphan(db: Database) -> None:
    user = await a_user(db)
    lost, kept = await asked(db, user, lease=0), await asked(db, user, lease=0)
    renewed = await response_endings.renew(db, [(user.id, kept.id)], 60)
    assert renewed == {kept.id}
    ended = await response_endings.end_orphan(db, TIMEOUT)
    assert ended is not None
    assert ended.id == lost.id
    assert await response_endings.end_orphan(db, TIMEOUT) is None
    assert await response_endings.renew(db, [(user.id, lost.id), (user.id, kept.id)], 60) == {
        kept.id
    }


async def test_turns_stand_in_the_order_they_were_asked_however_long_each_took(
    db: Database,
) -> None:
    user = await a_user(db)
    first = await asked(db, user)
    second = await asked(db, user, first.conversation_id)
    for response, text in ((second, "second"), (first, "first")):
        owned = response.user_id, response.id
        await response_writes.begin(db, *owned, {})
        await response_writes.complete(db, *owned, Answer({"message": text}, text))
    talk = (user.id, first.conversation_id)
    turns = await contexts.turns_by_conversation(db, [talk], Page(9, newest_first=False))
    assert [turn.content["message"] for turn in turns[talk]] == ["first", "second"]


class Heard:
    """All that a listener was told."""

    def __init__(self) -> None:
        self.news: list[UUID] = []
        self.stopped: list[UUID] = []
        self.lost: list[str] = []
        self.something = asyncio.Event()

    def ears(self) -> Ears:
        def noting(notes: list[Any]) -> Any:
            def note(what: Any = None) -> None:
                notes.append(what)
                self.something.set()

            return note

        return Ears(noting(self.news), noting(self.stopped), noting(self.lost), self.something.set)


async def soon(event: asyncio.Event) -> None:
    async with asyncio.timeout(5):
        await event.wait()
    event.clear()


async def test_news_and_stops_are_heard_with_the_id_of_their_response(
    db: Database, reached: Access
) -> None:
    response = await asked(db, await a_user(db))
    heard = Heard()
    async with listening(reached.url, heard.ears()) as listener:
        assert listener.is_listening
        await response_writes.begin(db, response.user_id, response.id, {})
        await soon(heard.something)
        assert (heard.news, heard.stopped) == ([response.id], [])
        await response_endings.end(db, response.user_id, response.id, CANCELLED)
        while not heard.stopped:
            await soon(heard.something)
        assert heard.stopped == [response.id]
        assert set(heard.news) == {response.id}


async def test_a_lost_listener_comes_back_and_hears_again(db: Database, reached: Access) -> None:
    response = await asked(db, await a_user(db))
    heard = Heard()
    async with listening(reached.url, heard.ears()) as listener:
        await run_sql(
            reached.url,
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where query like 'LISTEN%' and datname = current_database()",
        )
        await soon(heard.something)
        assert len(heard.lost) == 1
        while not listener.is_listening:
            await soon(heard.something)
        await response_writes.begin(db, response.user_id, response.id, {})
        while not heard.news:
            await soon(heard.something)


async def test_deleting_a_conversation_takes_its_contexts_with_it_and_keeps_history(
    db: Database,
) -> None:
    user = await a_user(db)
    response = await asked(db, user)
    owned = response.user_id, response.id
    await response_writes.begin(db, *owned, {})
    await response_writes.complete(db, *owned, ANSWER)
    gone = await conversations.soft_delete(db, user.id, response.conversation_id)
    assert (gone.is_active, gone.version) == (False, 2)
    talk = (user.id, response.conversation_id)
    assert await contexts.turns_by_conversation(db, [talk], Page(9)) == {}
    kept = await db.fetchrow("select count(*) from context_versions")
    assert kept is not None
    assert kept[0] == 1
