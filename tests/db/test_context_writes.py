from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from db import context_versions, context_writes, contexts, conversations, profiles, users
from db.context_writes import Revision
from db.errors import Missing, Stale, Violated
from db.filters import ContextFilter
from db.paging import Page
from db.pool import Database
from db.records import Context
from tests.making import a_context, a_user, knowledge

PAST = datetime(2020, 1, 1, tzinfo=UTC)


async def history(db: Database, context: Context) -> list[int]:
    """The versions of a context, oldest first."""
    owned = context.user_id, context.id
    pages = await context_versions.pages_by_context(db, [owned], Page(100, newest_first=False))
    return [version.version for version in pages.get(owned, [])]


async def test_a_created_context_is_read_back_as_it_was_given(db: Database) -> None:
    user = await a_user(db)
    new = knowledge("Ada plays chess.", metadata={"source": "chat", "n": [1, None, 2.5]})
    stored = await context_writes.create(db, user.id, new)
    assert stored.content == {"text": "Ada plays chess."}
    assert stored.metadata == {"source": "chat", "n": [1, None, 2.5]}
    assert (stored.version, stored.is_active, stored.expires_at) == (1, True, None)
    assert await contexts.get_many(db, [(user.id, stored.id)]) == {(user.id, stored.id): stored}


async def test_a_thousand_contexts_are_one_statement_and_keep_their_order(
    db: Database, statements: list[str]
) -> None:
    user = await a_user(db)
    statements.clear()
    stored = await context_writes.create_many(
        db, user.id, [knowledge(f"fact {n}") for n in range(1000)]
    )
    assert len(statements) == 1
    assert [context.content["text"] for context in stored] == [f"fact {n}" for n in range(1000)]


NOTED = """
create table noted (planning text);
create function note() returns trigger language plpgsql as $$
begin
    insert into noted values (current_setting('plan_cache_mode'));
    return new;
end
$$;
create trigger contexts_are_noted before insert or update on contexts for each row execute function note();
"""


async def test_what_a_table_computes_is_planned_once_for_many_rows_and_nothing_of_that_lasts(
    db: Database,
) -> None:
    user = await a_user(db)
    async with db.session() as session:
        await session.connection.execute(NOTED)
        new = [knowledge(f"fact {n}") for n in range(3)]
        await context_writes.create_many(session, user.id, new)
        first, *_ = await context_writes.store_many(session, user.id, new)
        change = Revision(content={"text": "fact"}, text="fact")
        await context_writes.update(db, user.id, first.id, 1, change)
        noted = await session.fetch("select planning from noted")
        assert [row["planning"] for row in noted] == ["force_generic_plan"] * 7
        after = await session.fetchrow("select current_setting('plan_cache_mode') as planning")
        assert after is not None
        assert after["planning"] == "auto"


async def test_what_is_not_read_back_is_as_it_is_read_later(
    db: Database, statements: list[str]
) -> None:
    user = await a_user(db)
    talk = await conversations.create(db, user.id, None, {})
    new = [
        knowledge("Ada plays chess.", metadata={"n": [1, None, 2.5]}, conversation_id=talk.id),
        knowledge("Ada was young.", created_at=PAST, expires_at=datetime.now(UTC) + timedelta(1)),
    ]
    statements.clear()
    stored = await context_writes.store_many(db, user.id, new)
    assert len(statements) == 1
    read = await contexts.get_many(db, [(user.id, one.id) for one in stored])
    assert [read[user.id, one.id] for one in stored] == stored


@pytest.mark.parametrize("store", [context_writes.create_many, context_writes.store_many])
async def test_bulk_creation_stores_nothing_when_one_conversation_is_missing(
    db: Database, store: Callable[..., Awaitable[list[Context]]]
) -> None:
    user = await a_user(db)
    other = await a_user(db, "grace")
    theirs = await conversations.create(db, other.id, None, {})
    new = [knowledge("mine"), knowledge("not mine", conversation_id=theirs.id)]
    with pytest.raises(Missing):
        await store(db, user.id, new)
    assert await contexts.counts_by_user(db, [user.id], ContextFilter()) == {user.id: 0}


async def test_a_context_of_an_unknown_user_is_refused_by_the_database(db: Database) -> None:
    with pytest.raises(Violated, match="contexts_user"):
        await context_writes.create(db, uuid4(), knowledge("nobody's"))


async def test_a_deleted_conversation_takes_no_more_contexts(db: Database) -> None:
    user = await a_user(db)
    talk = await conversations.create(db, user.id, None, {})
    await conversations.soft_delete(db, user.id, talk.id)
    with pytest.raises(Missing):
        await context_writes.create(db, user.id, knowledge("late", conversation_id=talk.id))


async def test_an_update_keeps_what_is_not_given_and_counts_the_version(db: Database) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    changed = await context_writes.update(
        db, user.id, context.id, 1, Revision(metadata={"checked": True})
    )
    assert changed.content == context.content
    assert changed.metadata == {"checked": True}
    assert changed.version == 2
    assert await history(db, context) == [1, 2]


async def test_an_expiry_can_be_set_and_cleared(db: Database) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    later = datetime.now(UTC) + timedelta(days=1)
    changed = await context_writes.update(db, user.id, context.id, 1, Revision(expires_at=(later,)))
    assert changed.expires_at == later
    cleared = await context_writes.update(db, user.id, context.id, 2, Revision(expires_at=(None,)))
    assert cleared.expires_at is None


async def test_a_stale_version_is_refused_with_the_current_one(db: Database) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    await context_writes.update(db, user.id, context.id, 1, Revision(metadata={"a": 1}))
    with pytest.raises(Stale) as refused:
        await context_writes.update(db, user.id, context.id, 1, Revision(metadata={"b": 1}))
    assert refused.value.current_version == 2
    assert await history(db, context) == [1, 2]


@pytest.mark.whole_pool
async def test_of_fifty_updates_of_the_same_version_exactly_one_wins(db: Database) -> None:
    user = await a_user(db)
    context = await a_context(db, user)

    async def attempt(number: int) -> Context:
        change = Revision(content={"text": f"try {number}"}, text=f"try {number}")
        return await context_writes.update(db, user.id, context.id, 1, change)

    outcomes = await asyncio.gather(*(attempt(n) for n in range(50)), return_exceptions=True)
    won = [outcome for outcome in outcomes if isinstance(outcome, Context)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, Stale)]
    assert (len(won), len(lost)) == (1, 49)
    assert {conflict.current_version for conflict in lost} == {2}
    assert await contexts.get_many(db, [(user.id, context.id)]) == {(user.id, context.id): won[0]}
    assert await history(db, context) == [1, 2]


async def test_a_deleted_context_is_not_listed_but_can_be_read_and_restored(db: Database) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    gone = await context_writes.soft_delete(db, user.id, context.id)
    assert (gone.is_active, gone.version) == (False, 2)
    assert await contexts.pages_by_user(db, [user.id], Page(9), ContextFilter()) == {}
    everything = ContextFilter(include_inactive=True)
    assert await contexts.pages_by_user(db, [user.id], Page(9), everything) == {user.id: [gone]}
    back = await context_writes.restore(db, user.id, context.id, 1, 2)
    assert (back.is_active, back.version, back.content) == (True, 3, context.content)
    assert await history(db, context) == [1, 2, 3]


async def test_deleting_twice_and_updating_the_deleted_find_nothing(db: Database) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    await context_writes.soft_delete(db, user.id, context.id)
    with pytest.raises(Missing):
        await context_writes.soft_delete(db, user.id, context.id)
    with pytest.raises(Missing):
        await context_writes.update(db, user.id, context.id, 2, Revision(metadata={}))


async def test_restoring_an_unknown_version_changes_nothing(db: Database) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    with pytest.raises(Missing, match="version"):
        await context_writes.restore(db, user.id, context.id, 7, 1)
    assert await history(db, context) == [1]


async def test_restoring_does_not_bring_back_an_expiry_that_has_passed(db: Database) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    await context_writes.update(db, user.id, context.id, 1, Revision(metadata={"a": 1}))
    await db.fetch(
        """
        insert into context_versions
        select user_id, context_id, 0, content, metadata, true, $1, search, valid_from, valid_to
        from context_versions
        """,
        PAST,
    )
    back = await context_writes.restore(db, user.id, context.id, 0, 2)
    assert back.expires_at is None


async def test_what_has_expired_is_absent_everywhere_at_once(db: Database) -> None:
    user = await a_user(db)
    talk = await conversations.create(db, user.id, None, {})
    gone = await context_writes.create(
        db,
        user.id,
        knowledge("old", expires_at=PAST, conversation_id=talk.id, context_type="conversation"),
    )
    everything = ContextFilter(include_inactive=True)
    assert await contexts.get_many(db, [(user.id, gone.id)]) == {}
    assert await contexts.pages_by_user(db, [user.id], Page(9), everything) == {}
    assert await contexts.counts_by_user(db, [user.id], everything) == {user.id: 0}
    assert await contexts.turns_by_conversation(db, [(user.id, talk.id)], Page(9)) == {}
    assert await history(db, gone) == []
    with pytest.raises(Missing):
        await context_writes.update(db, user.id, gone.id, 1, Revision(metadata={}))
    with pytest.raises(Missing):
        await context_writes.soft_delete(db, user.id, gone.id)


async def test_a_user_has_one_profile_that_is_replaced_with_history(db: Database) -> None:
    user = await a_user(db)
    first = await profiles.set_profile(db, user.id, {"home": "London"}, "home: London")
    second = await profiles.set_profile(db, user.id, {"home": "Paris"}, "home: Paris", 1)
    assert (second.id, second.version, second.content) == (first.id, 2, {"home": "Paris"})
    assert await contexts.profiles(db, [user.id]) == {user.id: second}
    assert await history(db, first) == [1, 2]
    with pytest.raises(Stale):
        await profiles.set_profile(db, user.id, {}, "", 1)
    with pytest.raises(Violated, match="contexts_one_profile"):
        await context_writes.create(db, user.id, knowledge("x", context_type="profile"))


async def test_a_profile_that_is_expected_but_absent_is_missing(db: Database) -> None:
    user = await a_user(db)
    with pytest.raises(Missing, match="profile"):
        await profiles.set_profile(db, user.id, {}, "", 1)


async def test_an_expired_profile_makes_room_for_a_new_one(db: Database) -> None:
    user = await a_user(db)
    await context_writes.create(
        db, user.id, knowledge("old", context_type="profile", expires_at=PAST)
    )
    fresh = await profiles.set_profile(db, user.id, {"home": "Paris"}, "home: Paris")
    assert fresh.expires_at is None
    assert await contexts.profiles(db, [user.id]) == {user.id: fresh}


@pytest.mark.whole_pool
async def test_many_first_profiles_at_once_leave_one(db: Database) -> None:
    user = await a_user(db)
    await asyncio.gather(
        *(profiles.set_profile(db, user.id, {"n": n}, f"n: {n}") for n in range(20))
    )
    profile = (await contexts.profiles(db, [user.id]))[user.id]
    assert profile.version == 20
    assert await history(db, profile) == list(range(1, 21))


async def test_history_cannot_be_edited(db: Database) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    await context_writes.update(db, user.id, context.id, 1, Revision(metadata={"a": 1}))
    with pytest.raises(asyncpg.RaiseError, match="never edited"):
        await db.fetch("update context_versions set content = '{}'")


async def test_another_users_context_cannot_be_written(db: Database) -> None:
    ada, grace = await a_user(db), await a_user(db, "grace")
    context = await a_context(db, ada)
    with pytest.raises(Missing):
        await context_writes.update(db, grace.id, context.id, 1, Revision(metadata={}))
    with pytest.raises(Missing):
        await context_writes.soft_delete(db, grace.id, context.id)


async def test_a_user_is_found_again_by_its_external_id(db: Database) -> None:
    ada = await users.upsert(db, "ada", name=("Ada",), metadata={"plan": "free"})
    again = await users.upsert(db, "ada")
    assert again == ada
    renamed = await users.upsert(db, "ada", name=(None,))
    assert (renamed.id, renamed.name, renamed.metadata) == (ada.id, None, {"plan": "free"})
    assert users.id_of(db, "ada") == ada.id
