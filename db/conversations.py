"""Conversations: what holds turns and responses together."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from functools import lru_cache
from typing import NoReturn
from uuid import UUID

from db.contexts import Owned
from db.errors import Missing, Stale
from db.grouping import grouped
from db.history import CHANGED_AT, KEPT
from db.ids import new_id
from db.inside import MOST_ROWS, Layout, Rows, args_of, filled, stretch
from db.keys import Which, which, which_users
from db.leaves import LeafPage, Reading, Table, Whole, leaf_pages
from db.objects import Object, Single, Wanted
from db.paging import Page, Shape
from db.pool import Database, Row, Store
from db.records import Conversation, Json

COLUMNS = "user_id, id, title, metadata, created_at, updated_at, is_active, version"
V_COLUMNS = ", ".join(f"v.{column}" for column in COLUMNS.split(", "))

WHOLE = Whole(V_COLUMNS)
TABLE = Table("v")

CREATE = f"""
insert into conversations (user_id, id, title, metadata)
values ($1, $2, $3, $4)
returning {COLUMNS}
"""


async def create(db: Store, user_id: UUID, title: str | None, metadata: Json) -> Conversation:
    """Begin a conversation. Raises `Violated` for an unknown user."""
    row = await db.fetchrow(CREATE, user_id, new_id(), title, metadata)
    if row is None:
        raise Missing("conversation")
    return Conversation(*row)


def by_ids_statement(asked: Which) -> str:
    return f"select {V_COLUMNS} from conversations v where {asked.sql}"


async def get_many(db: Database, keys: Iterable[Owned]) -> dict[Owned, Conversation]:
    """The conversations that exist, deleted ones too (`is_active` is false)."""
    asked = which("v", list(keys))
    rows = await db.fetch(by_ids_statement(asked), *asked.args)
    return {(row["user_id"], row["id"]): Conversation(*row) for row in rows}


def written_statement(columns: str, joins: str) -> str:
    """`$1` a user's id, `$2` that of one of their conversations, then the arguments of the lists."""
    return f"""
select {columns} from conversations v {joins}
where v.user_id = $1 and v.id = $2
"""


WRITTEN = Single(TABLE, written_statement, 2)


def written(db: Database, key: Owned, wanted: Wanted) -> Awaitable[Object | None]:
    """The same one as JSON, if it is there."""
    return WRITTEN.read(db, key, wanted)


UPDATE = f"""
update conversations set
    title = case when $4 then $5 else title end,
    metadata = coalesce($6, metadata),
    version = version + 1,
    updated_at = now()
where user_id = $1 and id = $2 and version = $3 and is_active
returning {COLUMNS}
"""


async def update(
    db: Database,
    user_id: UUID,
    conversation_id: UUID,
    expected_version: int,
    *,
    title: tuple[str | None] | None = None,
    metadata: Json | None = None,
) -> Conversation:
    """Change an active conversation. `title` is a 1-tuple, so that it can be cleared.

    Raises `Stale` with the current version, or `Missing`.
    """
    row = await db.fetchrow(
        UPDATE,
        user_id,
        conversation_id,
        expected_version,
        title is not None,
        title[0] if title else None,
        metadata,
    )
    if row is None:
        await _refuse(db, user_id, conversation_id, expected_version)
    return Conversation(*row)


# What belongs to the conversation goes with it, each context with its row of history.
SOFT_DELETE = f"""
with gone as (
    update conversations set is_active = false, version = version + 1, updated_at = now()
    where user_id = $1 and id = $2 and is_active and ($3::integer is null or version = $3)
    returning {COLUMNS}
), old as (
    select * from contexts c
    where c.user_id = $1 and c.conversation_id = $2 and c.is_active
        and exists (select from gone)
    for update
), {KEPT}, ended as (
    update contexts c set is_active = false, version = c.version + 1, updated_at = {CHANGED_AT}
    from old where c.user_id = old.user_id and c.id = old.id
)
select {COLUMNS} from gone
"""


async def soft_delete(
    db: Database, user_id: UUID, conversation_id: UUID, expected_version: int | None = None
) -> Conversation:
    """Make a conversation and its contexts inactive. Raises `Stale`, or `Missing`."""
    row = await db.fetchrow(SOFT_DELETE, user_id, conversation_id, expected_version)
    if row is None:
        await _refuse(db, user_id, conversation_id, expected_version)
    return Conversation(*row)


def _rows_of_user(columns: str, within: str, way: str, limit: str) -> str:
    """Those of `u`."""
    return f"""
    select {columns} from conversations v
    where v.user_id = u.id and {within}v.is_active
    order by v.created_at {way}, v.id {way}
    limit {limit}
"""


def page_by_user_statement(users: Which, asked: Page, reading: Reading = WHOLE) -> str:
    """Whose, the bounds that there are, then the arguments of the reading."""
    return _page_statement(users.sql, users.following, asked.shape, reading)


@lru_cache(maxsize=MOST_ROWS)
def _page_statement(users: str, following: int, asked: Shape, reading: Reading) -> str:
    within = asked.within("v", following)
    rows = _rows_of_user(reading.columns, within, asked.order, str(asked.limit))
    return f"""
select {reading.outside("u.id, null::uuid")} from users u cross join lateral ({reading.inside(rows)}) p
where {users}
"""


@lru_cache(maxsize=MOST_ROWS)
def inside_users(_: str, asked: Page) -> Rows:
    """The same within a statement that reads `users u`."""
    return stretch(TABLE, "conversations of u", asked, _rows_of_user)


async def pages_by_user(
    db: Database, user_ids: Sequence[UUID], asked: Page
) -> dict[UUID, list[Conversation]]:
    """For each user the same stretch of their active conversations, in one statement."""
    rows = await _pages_by_user(db, which_users(user_ids), asked, WHOLE)
    return grouped((Conversation(*row) for row in rows), asked, lambda talk: talk.user_id)


async def leaves_by_user(
    db: Database, user_ids: Sequence[UUID], asked: Page, layout: Layout, lists: Sequence[Rows]
) -> dict[UUID, LeafPage]:
    """The same, as JSON objects with these values."""
    users = which_users(user_ids)
    first = users.following + len(asked.within.args)
    reading = filled(TABLE, layout, lists, first)
    rows = await _pages_by_user(db, users, asked, reading, args_of(lists))
    return {user: page for (user, _), page in leaf_pages(rows, asked).items()}


async def _pages_by_user(
    db: Database, users: Which, asked: Page, reading: Reading, args: Sequence[object] = ()
) -> Sequence[Row]:
    statement = page_by_user_statement(users, asked, reading)
    return await db.fetch(statement, *users.args, *asked.within.args, *args)


def count_by_user_statement(users: Which) -> str:
    return f"""
select u.id, p.count from users u cross join lateral (
    select count(*) as count from conversations v where v.user_id = u.id and v.is_active
) p
where {users.sql}
"""


async def counts_by_user(db: Database, user_ids: Sequence[UUID]) -> dict[UUID, int]:
    users = which_users(user_ids)
    rows = await db.fetch(count_by_user_statement(users), *users.args)
    return {row["id"]: row["count"] for row in rows}


STANDING = "select version, is_active from conversations where user_id = $1 and id = $2"


async def _refuse(
    db: Database, user_id: UUID, conversation_id: UUID, expected_version: int | None
) -> NoReturn:
    """Say why a write found nothing to change."""
    standing = await db.fetchrow(STANDING, user_id, conversation_id)
    if standing is None or not standing["is_active"]:
        raise Missing("conversation")
    raise Stale("conversation", standing["version"])
