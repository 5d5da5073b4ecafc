"""Contexts as they stood at a moment: what the store knew then, whatever they have become since.

A version stands from when it was written, not from the `created_at` that the application may give a context which
it brings from elsewhere. What has been erased for good is gone from the past as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from db.contexts import C_COLUMNS
from db.filters import ContextFilter, live
from db.grouping import grouped
from db.paging import EARLIEST, LATEST, Page
from db.pool import Database
from db.records import Context


def standing(user: str, moment: str) -> str:
    """A table for a `from` clause: a user's contexts with what stood in them at the moment, deleted and expired too.

    Its columns are those of a context, `updated_at` being when that version was written, and its `search`. `user`
    and `moment` are SQL, such as `$1`. Which of them counted then, `filters.ContextFilter` says, and `filters.live`.
    """
    # It is read context by context in the order of an index; history is looked into only where the present is later.
    return f"""(
    select k.user_id, k.id, k.conversation_id, k.context_type, v.content, v.metadata,
        k.created_at, v.updated_at, v.expires_at, v.is_active, v.version, v.search
    from contexts k cross join lateral (
        select k.content, k.metadata, k.updated_at, k.expires_at, k.is_active, k.version, k.search
        where k.updated_at <= {moment}
        union all
        select h.content, h.metadata, h.valid_from, h.expires_at, h.is_active, h.version, h.search
        from context_versions h
        where h.user_id = k.user_id and h.context_id = k.id and k.updated_at > {moment}
            and h.valid_from <= {moment} and h.valid_to > {moment}
    ) v
    where k.user_id = {user}
)"""


def page_by_user_statement(condition: str, *, descending: bool) -> str:
    """`$1` user ids, `$2` limit, `$3..$6` bounds, `$7` the moment, then the condition's arguments."""
    way = "desc" if descending else "asc"
    return f"""
select p.* from users u cross join lateral (
    select {C_COLUMNS} from {standing("u.id", "$7")} c
    where (c.created_at, c.id) > ($3, $4) and (c.created_at, c.id) < ($5, $6)
        and {condition}
    order by c.created_at {way}, c.id {way}
    limit $2
) p
where u.id = any($1)
"""


async def pages_by_user(
    db: Database, user_ids: Sequence[UUID], asked: Page, wanted: ContextFilter, moment: datetime
) -> dict[UUID, list[Context]]:
    """For each user the same stretch of their contexts as they stood at the moment, in one statement."""
    condition, args = wanted.condition(first=8, moment="$7")
    rows = await db.fetch(
        page_by_user_statement(condition, descending=asked.descending),
        list(user_ids),
        asked.limit,
        *asked.bounds(EARLIEST, LATEST),
        moment,
        *args,
    )
    return grouped((Context(*row) for row in rows), asked, lambda context: context.user_id)


def count_by_user_statement(condition: str) -> str:
    """`$1` user ids, `$2` the moment, then the condition's arguments."""
    return f"""
select u.id, p.count from users u cross join lateral (
    select count(*) as count from {standing("u.id", "$2")} c where {condition}
) p
where u.id = any($1)
"""


async def counts_by_user(
    db: Database, user_ids: Sequence[UUID], wanted: ContextFilter, moment: datetime
) -> dict[UUID, int]:
    condition, args = wanted.condition(first=3, moment="$2")
    rows = await db.fetch(count_by_user_statement(condition), list(user_ids), moment, *args)
    return {row["id"]: row["count"] for row in rows}


BY_IDS = f"""
select {C_COLUMNS} from {standing("$1", "$3")} c where c.id = any($2) and {live("$3")}
"""


async def get_many(
    db: Database, user_id: UUID, ids: Iterable[UUID], moment: datetime
) -> dict[UUID, Context]:
    """Those of a user's contexts that were there at the moment, as they stood."""
    rows = await db.fetch(BY_IDS, user_id, list(ids), moment)
    return {row["id"]: Context(*row) for row in rows}
