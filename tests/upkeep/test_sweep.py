"""What has had its time goes: step by step, once, and nothing else goes with it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from api.allowed import terms
from api.observe import Fact, Swept
from api.settings import Settings
from api.upkeep.sweep import Pace, Sweeper, Terms
from db import (
    context_moments,
    context_writes,
    contexts,
    conversations,
    expiry,
    responses,
    users,
)
from db.context_writes import NewContext
from db.errors import Missing
from db.expiry import Retention
from db.filters import ContextFilter
from db.paging import Page
from db.pool import Access, Database, opened
from db.records import Context, User
from db.scope import NOBODY
from tests.making import a_context, a_user, knowledge
from tests.responding import a_user as a_user_who_asks
from tests.responding import answering, generated, shown
from tests.scripted import Scripted
from tests.waiting import the_first_sweep

KEEPING_ALL = Terms(grace=30, deleted=None, retentions=())
TURNS = Retention("conversation", newest=3, days=30)


async def swept(db: Database, terms: Terms = KEEPING_ALL) -> list[Fact]:
    """What one sweep from the first user on has told."""
    facts: list[Fact] = []
    await Sweeper(db, terms, facts.append, walked=NOBODY).sweep()
    return facts


def counts(facts: Sequence[Fact]) -> list[tuple[int, int, int]]:
    """Of each sweep that did something: what had expired, what it let go of, what it deleted."""
    return [(one.expired, one.let_go, one.deleted) for one in facts if isinstance(one, Swept)]


async def an_expired(db: Database, user: User, days: float, text: str = "a guest") -> Context:
    """A context that expired so many days ago; until then it was there."""
    stored = await context_writes.create(db, user.id, knowledge(text))
    await db.fetch(
        "update contexts set created_at = now() - $2 * interval '1 day', "
        "updated_at = now() - $2 * interval '1 day', "
        "expires_at = now() - $3 * interval '1 day' where id = $1",
        stored.id,
        days + 1,
        days,
    )
    return stored


async def turns(db: Database, user: User, days: Sequence[float], **more: Any) -> list[Context]:
    """Turns of the user, each so many days old."""
    now = datetime.now(UTC)
    new = [
        NewContext(
            "conversation",
            {"role": "user", "message": f"It is {age} days ago."},
            f"It is {age} days ago.",
            created_at=now - timedelta(days=age),
            **more,
        )
        for age in days
    ]
    return await context_writes.create_many(db, user.id, new)


async def standing(db: Database) -> dict[UUID, bool]:
    """Every context there is, and whether it is active."""
    return {
        row["id"]: row["is_active"] for row in await db.fetch("select id, is_active from contexts")
    }


async def ages(db: Database, user: User) -> list[int]:
    """How many days old the turns are that are there, youngest first."""
    page = (await contexts.pages_by_user(db, [user.id], Page(100), ContextFilter()))[user.id]
    now = datetime.now(UTC)
    return sorted((now - turn.created_at).days for turn in page)


async def test_what_has_expired_becomes_inactive_with_a_version_and_goes_after_the_grace(
    db: Database,
) -> None:
    ada = await a_user(db)
    kept = await a_context(db, ada)
    guest = await an_expired(db, ada, days=29)
    assert counts(await swept(db)) == [(1, 0, 0)]
    assert await standing(db) == {kept.id: True, guest.id: False}
    (version,) = await db.fetch("select context_id, version, is_active from context_versions")
    assert tuple(version) == (guest.id, 1, True)
    assert await swept(db) == []
    await db.fetch("update contexts set expires_at = expires_at - interval '1 day'")
    assert counts(await swept(db)) == [(0, 0, 1)]
    assert await standing(db) == {kept.id: True}
    assert not await db.fetch("select from context_versions where context_id = $1", guest.id)


async def test_within_the_grace_the_past_is_told_as_it_was(db: Database) -> None:
    ada = await a_user(db)
    guest = await an_expired(db, ada, days=5)
    before = datetime.now(UTC) - timedelta(days=5, hours=12)
    for _ in range(2):
        found = await context_moments.get_many(db, ada.id, [guest.id], before)
        assert found[guest.id].content == {"text": "a guest"}
        assert not await context_moments.get_many(db, ada.id, [guest.id], datetime.now(UTC))
        await swept(db)


async def test_what_expired_long_ago_goes_in_one_sweep_with_its_embedding_and_its_place_in_the_queue(
    db: Database,
) -> None:
    ada = await a_user(db)
    guest = await an_expired(db, ada, days=31)
    await db.fetch("insert into embedding_models (model, wanted_until) values ('m', now())")
    await db.fetch(
        "insert into context_embeddings values ($1, $2, 'm', '[1,2]'::halfvec)", ada.id, guest.id
    )
    await db.fetch(
        "insert into unembedded (user_id, context_id, model) values ($1, $2, 'm')", ada.id, guest.id
    )
    assert counts(await swept(db)) == [(1, 0, 1)]
    for table in ("contexts", "context_versions", "context_embeddings", "unembedded"):
        assert not await db.fetch(f"select from {table}"), table


async def test_what_was_deleted_can_be_restored_for_ever_unless_the_settings_say_how_long(
    db: Database,
) -> None:
    ada = await a_user(db)
    gone = await a_context(db, ada)
    await context_writes.soft_delete(db, ada.id, gone.id)
    await db.fetch("update contexts set updated_at = now() - interval '8 days'")
    assert await swept(db) == []
    assert (await context_writes.restore(db, ada.id, gone.id, 1, 2)).is_active
    await context_writes.soft_delete(db, ada.id, gone.id)
    for days, deleted in ((6, []), (8, [(0, 0, 1)])):
        await db.fetch("update contexts set updated_at = now() - $1 * interval '1 day'", days)
        assert counts(await swept(db, Terms(30, 7.0, ()))) == deleted
    with pytest.raises(Missing):
        await context_writes.restore(db, ada.id, gone.id, 1, 4)


async def test_a_deleted_conversation_goes_with_its_turns_and_answers(reached: Access) -> None:
    async with answering(reached, {"scripted": Scripted(["Chess."])}) as asker:
        # Two do not sweep at once.
        await the_first_sweep(asker.facts)
        db, user = asker.server.db, await a_user_who_asks(asker)
        await generated(asker, user)
        await generated(asker, user)
        ada = users.id_of(db, "ada")
        kept, gone = (await conversations.pages_by_user(db, [ada], Page(2)))[ada]
        await conversations.soft_delete(db, ada, gone.id)
        await db.fetch("update contexts set updated_at = now() - interval '8 days'")
        await db.fetch("update conversations set updated_at = now() - interval '8 days'")
        assert counts(await swept(db, Terms(30, 7.0, ()))) == [(0, 0, 2)]
        for table in ("contexts", "responses", "conversation_growth"):
            rows = await db.fetch(f"select conversation_id as id from {table}")
            assert [row["id"] for row in rows] == [kept.id], table
        assert [row["id"] for row in await db.fetch("select id from conversations")] == [kept.id]


async def test_a_turn_is_let_go_of_only_when_it_is_neither_among_the_newest_nor_young(
    db: Database,
) -> None:
    ada, grace = await a_user(db, "ada"), await a_user(db, "grace")
    # Ada has five young ones, Grace three of any age: both keep what keeps more.
    await turns(db, ada, [1, 2, 3, 4, 5, 40, 50])
    await turns(db, grace, [31, 60, 90, 120])
    await context_writes.create(
        db, grace.id, knowledge("old news", created_at=datetime(2001, 1, 1, tzinfo=UTC))
    )
    assert counts(await swept(db, Terms(30, None, [TURNS]))) == [(0, 3, 0)]
    assert await ages(db, ada) == [1, 2, 3, 4, 5]
    assert (await ages(db, grace))[:-1] == [31, 60, 90]
    assert await swept(db, Terms(30, None, [TURNS])) == []


async def test_what_was_let_go_of_is_expired_and_goes_after_the_grace(db: Database) -> None:
    ada = await a_user(db)
    (turn,) = await turns(db, ada, [40])
    await db.fetch("update contexts set updated_at = created_at")
    none = Retention("conversation", newest=0, days=30)
    assert counts(await swept(db, Terms(30, None, [none]))) == [(0, 1, 0)]
    assert not await contexts.get_many(db, [(ada.id, turn.id)])
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert await context_moments.get_many(db, ada.id, [turn.id], yesterday)
    assert await swept(db, Terms(1, None, [none])) == []
    assert counts(await swept(db, Terms(0, None, [none]))) == [(0, 0, 1)]


async def test_a_type_of_ones_own_is_kept_as_the_settings_say_and_nothing_is_let_go_of_without(
    db: Database,
) -> None:
    ada = await a_user(db)
    old = datetime.now(UTC) - timedelta(days=40)
    mine = [knowledge(f"{n}", context_type="mood", created_at=old) for n in range(3)]
    await context_writes.create_many(db, ada.id, mine)
    await turns(db, ada, [40] * 101)
    assert await swept(db, terms(Settings(_env_file=None, retention={}))) == []
    settings = Settings(_env_file=None, retention='{"mood": {"newest": 1}}')
    assert counts(await swept(db, terms(settings))) == [(0, 2, 0)]
    assert counts(await swept(db, terms(Settings(_env_file=None)))) == [(0, 1, 0)]


async def test_a_round_goes_from_user_to_user_and_on_where_the_last_sweep_has_ended(
    db: Database,
) -> None:
    for n in range(7):
        user = await a_user(db, f"user {n}")
        await turns(db, user, [40] * 5)
    facts: list[Fact] = []
    one_each = Terms(30, None, [Retention("conversation", 1, 30)])
    sweeper = Sweeper(db, one_each, facts.append, Pace(rows=3, users=2, users_in_all=4))
    for _ in range(4):
        await sweeper.sweep()
    assert sum(let_go for _, let_go, _ in counts(facts)) == 7 * 4


@pytest.mark.whole_pool
async def test_two_who_sweep_at_once_do_each_row_once(db: Database, reached: Access) -> None:
    ada = await a_user(db)
    await context_writes.create_many(db, ada.id, [knowledge(f"fact {n}") for n in range(100)])
    await db.fetch("update contexts set expires_at = now() - interval '1 hour'")
    facts: list[Fact] = []
    async with opened(reached) as other:
        sweepers = [
            Sweeper(one, Terms(0, None, [TURNS]), facts.append, Pace(rows=7)) for one in (db, other)
        ]
        while await standing(db):
            await asyncio.gather(*(one.sweep() for one in sweepers))
    assert [sum(column) for column in zip(*counts(facts), strict=True)] == [100, 0, 100]


async def test_a_step_that_another_process_takes_is_left_to_it(
    db: Database, reached: Access
) -> None:
    ada = await a_user(db)
    await an_expired(db, ada, days=31)
    async with opened(reached) as other, other.transaction() as session:
        await session.fetch(expiry.ALONE, expiry.SWEEP_LOCK)
        assert await swept(db, Terms(30, 7.0, [TURNS])) == []
    assert counts(await swept(db)) == [(1, 0, 1)]


async def test_what_somebody_is_writing_is_left_for_the_next_time(
    db: Database, reached: Access
) -> None:
    ada = await a_user(db)
    first, second = [await an_expired(db, ada, days=1) for _ in range(2)]
    async with opened(reached) as other, other.transaction() as session:
        await session.fetch("select from contexts where id = $1 for update", first.id)
        assert counts(await swept(db)) == [(1, 0, 0)]
        assert await standing(db) == {first.id: True, second.id: False}
    assert counts(await swept(db)) == [(1, 0, 0)]


async def test_the_receipt_of_an_answer_outlives_the_contexts_that_it_rests_on(
    reached: Access,
) -> None:
    async with answering(reached, {"scripted": Scripted(["Chess."])}) as asker:
        # Two do not sweep at once.
        await the_first_sweep(asker.facts)
        db, user = asker.server.db, await a_user_who_asks(asker)
        ada = users.id_of(db, "ada")
        stored = await context_writes.create(db, ada, knowledge("Ada plays chess."))
        answer = await generated(asker, user, "What does Ada play?")
        await db.fetch("update contexts set expires_at = now() - interval '31 days'")
        assert counts(await swept(db)) == [(2, 0, 2)]
        receipt = await asker.data(
            """query($id: ID!) { response(id: $id) {
                 grounding { prompt { text } items { contextVersion context { id } } } } }""",
            id=answer["id"],
        )
        grounding = receipt["response"]["grounding"]
        assert grounding["items"] == [{"contextVersion": 1, "context": None}]
        assert "Ada plays chess." in grounding["prompt"][0]["text"]
        assert (await shown(asker, answer["id"]))["text"] == "Chess."
        assert not await responses.pages_by_context(db, [(ada, stored.id)], Page(1))
        assert await generated(asker, user, "And now, what does Ada play?")


async def test_what_is_not_due_is_found_in_an_index(new_db: Database) -> None:
    db = new_db
    ada = await a_user(db)
    talk = await conversations.create(db, ada.id, None, {})
    await turns(db, ada, [1] * 50, conversation_id=talk.id)
    looks = f"'{uuid7()}', 500, '{{conversation}}', '{{100}}', '{{30}}', 500"
    for statement, args, index in (
        (expiry.EXPIRE, "500", "contexts_expiring"),
        (expiry.DELETE_EXPIRED, "30, 500", "contexts_expired"),
        (expiry.DELETE_DELETED, "30, 500", "contexts_deleted"),
        (expiry.DELETE_CONVERSATIONS, "30, 500", "conversations_deleted"),
        (expiry.LET_GO, looks, "contexts_active_by_type"),
    ):
        async with db.transaction() as session:
            await session.fetch(expiry.ALONE, expiry.SWEEP_LOCK)
            await session.fetch(f"prepare looked as {statement}")
            rows = await session.fetch(f"explain execute looked({args})")
            await session.fetch("deallocate looked")
        plan = "\n".join(row[0] for row in rows)
        assert not re.search("Seq Scan|Bitmap|Hash", plan), plan
        assert index in plan, plan
