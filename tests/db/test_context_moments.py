from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from db import context_moments, context_versions, context_writes, contexts, conversations
from db.context_moments import standing
from db.context_writes import Revision
from db.filters import ContextFilter
from db.paging import EARLIEST, LATEST, Page, TimeKey
from db.pool import Database
from db.records import Context, User
from tests.making import a_context, a_user, knowledge

ANY = ContextFilter()
ALL = ContextFilter(include_inactive=True)
LONG_AGO = datetime(2001, 2, 3, tzinfo=UTC)


async def now(db: Database) -> datetime:
    """The present moment by the clock that the versions are dated with."""
    row = await db.fetchrow("select clock_timestamp()")
    assert row is not None
    moment: datetime = row[0]
    return moment


async def at(
    db: Database, user: User, moment: datetime, wanted: ContextFilter = ANY
) -> list[Context]:
    """The contexts of the user as they stood, oldest first; their count is held against them."""
    page = Page(100, newest_first=False)
    found = await context_moments.pages_by_user(db, [user.id], page, wanted, moment)
    counted = await context_moments.counts_by_user(db, [user.id], wanted, moment)
    assert counted == {user.id: len(found.get(user.id, []))}
    return found.get(user.id, [])


async def test_each_moment_shows_the_version_that_stood_then(db: Database) -> None:
    user = await a_user(db)
    before = await now(db)
    first = await a_context(db, user, "Ada plays chess.")
    created = await now(db)
    change = Revision(content={"text": "Ada plays go."}, text="Ada plays go.", metadata={"n": 1})
    second = await context_writes.update(db, user.id, first.id, 1, change)
    edited = await now(db)
    await context_writes.soft_delete(db, user.id, first.id)
    deleted = await now(db)
    restored = await context_writes.restore(db, user.id, first.id, 1, 3)
    assert await at(db, user, before) == []
    assert await at(db, user, created) == [first]
    assert await at(db, user, edited) == [second]
    assert await at(db, user, deleted) == []
    (gone,) = await at(db, user, deleted, ALL)
    assert (gone.version, gone.is_active) == (3, False)
    assert await at(db, user, await now(db)) == [restored]


async def test_a_version_stands_from_the_very_moment_that_it_is_dated_with(db: Database) -> None:
    user = await a_user(db)
    first = await a_context(db, user)
    second = await context_writes.update(db, user.id, first.id, 1, Revision(metadata={"n": 1}))
    assert await at(db, user, first.updated_at) == [first]
    assert await at(db, user, second.updated_at - timedelta(microseconds=1)) == [first]
    assert await at(db, user, second.updated_at) == [second]


async def test_what_had_expired_by_then_was_absent_and_what_expired_since_was_there(
    db: Database,
) -> None:
    user = await a_user(db)
    soon = await now(db) + timedelta(milliseconds=300)
    brief = await context_writes.create(db, user.id, knowledge("brief", expires_at=soon))
    while await now(db) <= soon:
        pass
    assert await contexts.get_many(db, [(user.id, brief.id)]) == {}
    assert await at(db, user, brief.updated_at) == [brief]
    assert await at(db, user, soon) == []
    assert await at(db, user, soon, ALL) == []


async def test_what_is_brought_from_elsewhere_is_known_from_when_it_is_stored(db: Database) -> None:
    user = await a_user(db)
    before = await now(db)
    old = await context_writes.create(db, user.id, knowledge("old news", created_at=LONG_AGO))
    assert await at(db, user, LONG_AGO + timedelta(days=1)) == []
    assert await at(db, user, before) == []
    assert await at(db, user, await now(db)) == [old]


async def test_a_deleted_conversation_had_its_turns_before(db: Database) -> None:
    user = await a_user(db)
    talk = await conversations.create(db, user.id, None, {})
    turn = await context_writes.create(db, user.id, knowledge("hi", conversation_id=talk.id))
    then = await now(db)
    await conversations.soft_delete(db, user.id, talk.id)
    of_talk = ContextFilter(conversation_id=talk.id)
    assert await at(db, user, await now(db), of_talk) == []
    assert await at(db, user, then, of_talk) == [turn]


async def test_a_filter_is_about_what_stood_then(db: Database) -> None:
    user = await a_user(db)
    first = await context_writes.create(db, user.id, knowledge("a", metadata={"pinned": True}))
    then = await now(db)
    await context_writes.update(db, user.id, first.id, 1, Revision(metadata={"pinned": False}))
    pinned = ContextFilter(metadata='{"pinned": true}', content='{"text": "a"}')
    assert await at(db, user, then, pinned) == [first]
    assert await at(db, user, await now(db), pinned) == []


async def test_many_users_pasts_are_one_statement_and_stay_apart(
    db: Database, statements: list[str]
) -> None:
    ada, grace = await a_user(db), await a_user(db, "grace")
    hers = await a_context(db, ada)
    theirs = await a_context(db, grace)
    then = await now(db)
    await a_context(db, ada, "later")
    statements.clear()
    found = await context_moments.pages_by_user(db, [ada.id, grace.id], Page(9), ANY, then)
    assert found == {ada.id: [hers], grace.id: [theirs]}
    assert len(statements) == 1


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("from_end", [True, False])
async def test_pages_of_the_past_are_slices_of_it(
    db: Database, newest_first: bool, from_end: bool
) -> None:
    user = await a_user(db)
    new = [knowledge(f"fact {n}", created_at=LONG_AGO + timedelta(hours=n)) for n in range(9)]
    listed = await context_writes.create_many(db, user.id, new)
    then = await now(db)
    for context in listed[::2]:
        await context_writes.soft_delete(db, user.id, context.id)
    if newest_first:
        listed.reverse()
    after = TimeKey(listed[2].created_at, listed[2].id)
    page = Page(3, newest_first=newest_first, from_end=from_end, after=after)
    found = await context_moments.pages_by_user(db, [user.id], page, ANY, then)
    assert found[user.id] == (listed[-3:] if from_end else listed[3:6])


async def test_a_writer_that_waited_for_a_later_one_leaves_one_version_at_each_moment(
    db: Database, database_url: str
) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    slow = await asyncpg.connect(database_url)
    try:
        async with slow.transaction():
            await slow.execute("select now()")
            changed = await context_writes.update(
                db, user.id, context.id, 1, Revision(metadata={"n": 1})
            )
            await slow.execute(context_writes.SOFT_DELETE, user.id, context.id, None)
    finally:
        await slow.close()
    owned = user.id, context.id
    versions = (await context_versions.pages_by_context(db, [owned], Page(9)))[owned]
    assert [one.version for one in versions] == [3, 2, 1]
    assert all(one.valid_from <= (one.valid_to or one.valid_from) for one in versions)
    moments = {one.valid_from for one in versions} | {changed.updated_at}
    for moment in moments:
        assert len(await at(db, user, moment, ALL)) == 1


async def test_the_words_of_a_version_are_searched_as_it_stood(db: Database) -> None:
    user = await a_user(db)
    first = await a_context(db, user, "Ada plays chess.")
    then = await now(db)
    change = Revision(content={"text": "Ada plays go."}, text="Ada plays go.")
    await context_writes.update(db, user.id, first.id, 1, change)
    find = f"select version from {standing('$1', '$2')} c where c.search @@ 'chess'::tsquery"
    assert [row[0] for row in await db.fetch(find, user.id, then)] == [1]
    assert [row[0] for row in await db.fetch(find, user.id, await now(db))] == []


@pytest.mark.parametrize("descending", [True, False])
async def test_a_page_of_the_past_walks_one_users_index_and_sorts_nothing(
    db: Database, database_url: str, descending: bool
) -> None:
    users = await asyncio.gather(*(a_user(db, f"user {n}") for n in range(3)))
    for user in users:
        made = await context_writes.create_many(db, user.id, [knowledge("x") for _ in range(400)])
        for context in made[:100]:
            await context_writes.soft_delete(db, user.id, context.id)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("analyze")
        condition, _ = ANY.condition(first=8, moment="$7")
        page = context_moments.page_by_user_statement(condition, descending=descending)
        prepared = await connection.prepare(page)
        args = [[users[0].id], 20, *EARLIEST, *LATEST, await now(db)]
        plan = str(await prepared.explain(*args))
        assert "contexts_by_time" in plan
        assert "context_versions_pkey" in plan
        assert "Sort" not in plan
    finally:
        await connection.close()
