"""Contexts as they are read: one by one, and in pages for many parents at once."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from functools import lru_cache
from typing import cast
from uuid import UUID

from db.filters import LIVE, ContextFilter, conjoined
from db.grouping import grouped
from db.inside import MOST_ROWS, Form, Layout, Rows, args_of, filled, stretch
from db.keys import Which, which, which_users
from db.leaves import LeafPage, Reading, Table, Whole, leaf_pages
from db.objects import Object, Single, Wanted
from db.paging import Page, Shape, way
from db.pool import Database, Row
from db.records import Context

COLUMNS = (
    "user_id, id, conversation_id, context_type, content, metadata, "
    "created_at, updated_at, expires_at, is_active, version"
)
C_COLUMNS = ", ".join(f"c.{column}" for column in COLUMNS.split(", "))

WHOLE = Whole(C_COLUMNS)
TABLE = Table("c", holds_contexts=True)

Owned = tuple[UUID, UUID]
"""The user's id, then the row's own."""


def by_ids_statement(asked: Which) -> str:
    return f"select {C_COLUMNS} from contexts c where {asked.sql} and {LIVE}"


# Ids are matched as pairs by the caller: a row of another user is never handed out under a borrowed id.
async def get_many(db: Database, keys: Iterable[Owned]) -> dict[Owned, Context]:
    """The contexts that are there, deleted ones too (`is_active` is false), expired ones not."""
    asked = which("c", list(keys))
    rows = await db.fetch(by_ids_statement(asked), *asked.args)
    return {(row["user_id"], row["id"]): Context(*row) for row in rows}


def written_statement(columns: str, joins: str) -> str:
    """`$1` a user's id, `$2` that of one of their contexts, then the arguments of the lists."""
    return f"""
select {columns} from contexts c {joins}
where c.user_id = $1 and c.id = $2 and {LIVE}
"""


WRITTEN = Single(TABLE, written_statement, 2)


def written(db: Database, key: Owned, wanted: Wanted) -> Awaitable[Object | None]:
    """The same one as JSON, if it is there."""
    return WRITTEN.read(db, key, wanted)


def _rows_of_user(columns: str, table: str, condition: str, way: str, limit: str) -> str:
    """Those of `u`."""
    return f"""
    select {columns} from {table} c
    where c.user_id = u.id and {condition}
    order by c.created_at {way}, c.id {way}
    limit {limit}
"""


# The lateral stops at the limit for each parent; a window function would read all of them.
def page_by_user_statement(
    users: Which, asked: Page, condition: str, table: str = "contexts", reading: Reading = WHOLE
) -> str:
    """Whose, the bounds that there are, then the condition's arguments and those of the reading."""
    return _page_statement(users.sql, users.following, asked.shape, condition, table, reading)


@lru_cache(maxsize=MOST_ROWS)
def _page_statement(
    users: str, following: int, asked: Shape, condition: str, table: str, reading: Reading
) -> str:
    condition = f"{asked.within('c', following)}{condition}"
    rows = _rows_of_user(reading.columns, table, condition, asked.order, str(asked.limit))
    return f"""
select {reading.outside("u.id, null::uuid")} from users u cross join lateral ({reading.inside(rows)}) p
where {users}
"""


@lru_cache(maxsize=MOST_ROWS)
def inside_users(table: str, asked: Page, wanted: ContextFilter) -> Rows:
    """The same within a statement that reads `users u`; `table` is where contexts are seen."""
    active = not wanted.include_inactive
    order, limit = way(descending=asked.descending), str(asked.limit)
    found = wanted.predicates()
    predicates = tuple([sql for sql, _ in found])
    within = asked.within

    def rows(columns: str, first: int) -> str:
        condition = conjoined(predicates, first + len(within.args), active=active)
        return _rows_of_user(columns, table, within.sql("c", first) + condition, order, limit)

    shape = ("contexts of u", table, active, order, limit, predicates, within.sides)
    args = [*within.args, *[value for _, value in found]]
    return Rows(Form(TABLE, shape, len(args), rows), args)


async def pages_by_user(
    db: Database, user_ids: Sequence[UUID], asked: Page, wanted: ContextFilter
) -> dict[UUID, list[Context]]:
    """For each user the same stretch of their contexts, in one statement."""
    rows = await _pages_by_user(db, which_users(user_ids), asked, wanted, WHOLE)
    return grouped((Context(*row) for row in rows), asked, lambda context: context.user_id)


async def leaves_by_user(
    db: Database,
    user_ids: Sequence[UUID],
    asked: Page,
    wanted: ContextFilter,
    layout: Layout,
    lists: Sequence[Rows],
) -> dict[UUID, LeafPage]:
    """The same, as JSON objects with these values."""
    users = which_users(user_ids)
    first = users.following + len(asked.within.args) + len(wanted.predicates())
    reading = filled(TABLE, layout, lists, first)
    rows = await _pages_by_user(db, users, asked, wanted, reading, args_of(lists))
    return {user: page for (user, _), page in leaf_pages(rows, asked).items()}


async def _pages_by_user(
    db: Database,
    users: Which,
    asked: Page,
    wanted: ContextFilter,
    reading: Reading,
    inside: Sequence[object] = (),
) -> Sequence[Row]:
    within = asked.within.args
    condition, args = wanted.condition(first=users.following + len(within))
    table = db.scope.seen("contexts")
    statement = page_by_user_statement(users, asked, condition, table, reading)
    return await db.fetch(statement, *users.args, *within, *args, *inside)


def count_by_user_statement(users: Which, condition: str, table: str = "contexts") -> str:
    """Whose, then the condition's arguments."""
    return f"""
select u.id, p.count from users u cross join lateral (
    select count(*) as count from {table} c where c.user_id = u.id and {condition}
) p
where {users.sql}
"""


async def counts_by_user(
    db: Database, user_ids: Sequence[UUID], wanted: ContextFilter
) -> dict[UUID, int]:
    users = which_users(user_ids)
    condition, args = wanted.condition(users.following)
    statement = count_by_user_statement(users, condition, db.scope.seen("contexts"))
    rows = await db.fetch(statement, *users.args, *args)
    return {row["id"]: row["count"] for row in rows}


TURN = f"c.context_type = 'conversation' and c.is_active and {LIVE}"


def _turns_of_conversation(columns: str, within: str, way: str, limit: str) -> str:
    """Those of `v`."""
    return f"""
    select {columns} from contexts c
    where c.user_id = v.user_id and c.conversation_id = v.id and {within}{TURN}
    order by c.created_at {way}, c.id {way}
    limit {limit}
"""


def turns_statement(talks: Which, asked: Page, reading: Reading = WHOLE) -> str:
    """Of which conversations, the bounds that there are, then the arguments of the reading."""
    return _turns_statement(talks.sql, talks.following, asked.shape, reading)


@lru_cache(maxsize=MOST_ROWS)
def _turns_statement(talks: str, following: int, asked: Shape, reading: Reading) -> str:
    within = asked.within("c", following)
    rows = _turns_of_conversation(reading.columns, within, asked.order, str(asked.limit))
    return f"""
select {reading.outside("v.user_id, v.id")} from conversations v cross join lateral ({reading.inside(rows)}) p
where {talks}
"""


@lru_cache(maxsize=MOST_ROWS)
def inside_conversations(_: str, asked: Page) -> Rows:
    """The turns within a statement that reads `conversations v`."""
    return stretch(TABLE, "turns of v", asked, _turns_of_conversation)


async def turns_by_conversation(
    db: Database, conversations: Sequence[Owned], asked: Page
) -> dict[Owned, list[Context]]:
    """For each conversation the same stretch of its turns, in one statement."""
    rows = await _turns(db, which("v", conversations), asked, WHOLE)
    return grouped((Context(*row) for row in rows), asked, _conversation_of)


async def turn_leaves(
    db: Database, conversations: Sequence[Owned], asked: Page, layout: Layout, lists: Sequence[Rows]
) -> dict[Owned, LeafPage]:
    """The same, as JSON objects with these values."""
    talks = which("v", conversations)
    first = talks.following + len(asked.within.args)
    reading = filled(TABLE, layout, lists, first)
    rows = await _turns(db, talks, asked, reading, args_of(lists))
    return cast("dict[Owned, LeafPage]", leaf_pages(rows, asked))


async def _turns(
    db: Database, talks: Which, asked: Page, reading: Reading, args: Sequence[object] = ()
) -> Sequence[Row]:
    statement = turns_statement(talks, asked, reading)
    return await db.fetch(statement, *talks.args, *asked.within.args, *args)


def count_turns_statement(talks: Which) -> str:
    return f"""
select v.user_id, v.id, p.count from conversations v cross join lateral (
    select count(*) as count from contexts c
    where c.user_id = v.user_id and c.conversation_id = v.id and {TURN}
) p
where {talks.sql}
"""


async def turn_counts(db: Database, conversations: Sequence[Owned]) -> dict[Owned, int]:
    talks = which("v", conversations)
    rows = await db.fetch(count_turns_statement(talks), *talks.args)
    return {(row["user_id"], row["id"]): row["count"] for row in rows}


PROFILES = f"""
select {C_COLUMNS} from contexts c
where c.user_id = any($1) and c.context_type = 'profile' and c.is_active and {LIVE}
"""


async def profiles(db: Database, user_ids: Sequence[UUID]) -> dict[UUID, Context]:
    """The one profile document of each user who has one."""
    rows = await db.fetch(PROFILES, list(user_ids))
    return {row["user_id"]: Context(*row) for row in rows}


def _conversation_of(context: Context) -> Owned:
    # The statement reads by conversation, so it is never absent here.
    assert context.conversation_id is not None  # noqa: S101
    return context.user_id, context.conversation_id
