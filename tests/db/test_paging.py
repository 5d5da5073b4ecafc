from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import context_writes, contexts, conversations
from db.filters import ContextFilter
from db.paging import Page, TimeKey, VersionKey
from db.pool import Database
from db.records import Context, User
from tests.making import a_user, knowledge

ANY = ContextFilter()
START = datetime(2026, 1, 1, tzinfo=UTC)


async def twelve(db: Database, user: User) -> list[Context]:
    """Twelve contexts, four to a moment, oldest first."""
    new = [
        knowledge(f"fact {n}", created_at=START + timedelta(hours=n // 4), metadata={"n": n})
        for n in range(12)
    ]
    stored = await context_writes.create_many(db, user.id, new)
    return sorted(stored, key=lambda context: (context.created_at, context.id))


def key(context: Context) -> TimeKey:
    return TimeKey(context.created_at, context.id)


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("from_end", [True, False])
async def test_every_window_is_the_same_slice_of_the_list(
    db: Database, newest_first: bool, from_end: bool
) -> None:
    user = await a_user(db)
    listed = await twelve(db, user)
    if newest_first:
        listed.reverse()
    for after in (None, 0, 4, 11):
        for before in (None, 0, 6, 11):
            page = Page(
                limit=3,
                newest_first=newest_first,
                from_end=from_end,
                after=None if after is None else key(listed[after]),
                before=None if before is None else key(listed[before]),
            )
            low, high = (0 if after is None else after + 1), (12 if before is None else before)
            window = listed[low:high]
            expected = window[-3:] if from_end else window[:3]
            found = await contexts.pages_by_user(db, [user.id], page, ANY)
            assert found.get(user.id, []) == expected


async def test_many_users_are_one_statement_and_keep_apart(
    db: Database, statements: list[str]
) -> None:
    ada, grace, mary = [await a_user(db, name) for name in ("ada", "grace", "mary")]
    for user, count in ((ada, 7), (grace, 2)):
        await context_writes.create_many(
            db, user.id, [knowledge(f"{user.external_id} {n}") for n in range(count)]
        )
    statements.clear()
    found = await contexts.pages_by_user(db, [ada.id, grace.id, mary.id], Page(5), ANY)
    assert len(statements) == 1
    assert {user_id: len(page) for user_id, page in found.items()} == {ada.id: 5, grace.id: 2}
    assert all(context.user_id == user_id for user_id, page in found.items() for context in page)


FILTERS = [
    (ContextFilter(context_types=("knowledge",)), {"a", "b", "c"}),
    (ContextFilter(context_types=("preference", "note")), {"d"}),
    (ContextFilter(context_types=()), set()),
    (ContextFilter(metadata='{"tag": "x"}'), {"a", "d"}),
    (ContextFilter(content='{"text": "b"}'), {"b"}),
    (ContextFilter(created_after=START), {"c", "d"}),
    (ContextFilter(created_before=START), {"a"}),
    (ContextFilter(context_types=("knowledge",), metadata='{"tag": "x"}'), {"a"}),
]


@pytest.mark.parametrize(("wanted", "expected"), FILTERS)
async def test_filters_narrow_the_list_and_its_count(
    db: Database, wanted: ContextFilter, expected: set[str]
) -> None:
    user = await a_user(db)
    hour = timedelta(hours=1)
    await context_writes.create_many(
        db,
        user.id,
        [
            knowledge("a", created_at=START - hour, metadata={"tag": "x", "n": 1}),
            knowledge("b", created_at=START),
            knowledge("c", created_at=START + hour),
            knowledge(
                "d", created_at=START + hour, context_type="preference", metadata={"tag": "x"}
            ),
        ],
    )
    found = await contexts.pages_by_user(db, [user.id], Page(9), wanted)
    assert {context.content["text"] for context in found.get(user.id, [])} == expected
    assert await contexts.counts_by_user(db, [user.id], wanted) == {user.id: len(expected)}


async def test_a_conversation_filter_finds_what_belongs_to_it(db: Database) -> None:
    user = await a_user(db)
    talk = await conversations.create(db, user.id, "Chess", {})
    inside = await context_writes.create(db, user.id, knowledge("in", conversation_id=talk.id))
    await context_writes.create(db, user.id, knowledge("out"))
    wanted = ContextFilter(conversation_id=talk.id)
    assert await contexts.pages_by_user(db, [user.id], Page(9), wanted) == {user.id: [inside]}


async def test_a_walk_over_a_growing_list_neither_repeats_nor_misses(db: Database) -> None:
    user = await a_user(db)
    stood = await context_writes.create_many(
        db, user.id, [knowledge(f"fact {n}") for n in range(200)]
    )

    async def grow() -> None:
        for n in range(200):
            # Some come in at the top of the list, some far below.
            created_at = None if n % 2 else START
            await context_writes.create(db, user.id, knowledge(f"new {n}", created_at=created_at))

    growing = asyncio.create_task(grow())
    seen: list[Context] = []
    after: TimeKey | None = None
    while page := (await contexts.pages_by_user(db, [user.id], Page(7, after=after), ANY)).get(
        user.id
    ):
        seen += page
        after = key(page[-1])
    await growing
    ids = [context.id for context in seen]
    assert len(ids) == len(set(ids))
    assert {context.id for context in stood} <= set(ids)


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_nothing_fits_between_a_key_and_its_neighbour(moment: datetime, id: UUID) -> None:
    here = TimeKey(moment, id)
    assert here.stepped(-1) <= here <= here.stepped(1)
    assert VersionKey(3).stepped(1) == VersionKey(4)
