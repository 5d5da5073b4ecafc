"""Forgetting what has had its time: step by step, each step a short transaction that no writer waits for.

A context that has expired is absent at once, for everybody. Here it becomes inactive, and after a grace it is deleted
for good, with its versions and embeddings. Of the types that are not kept for ever, the oldest expire by themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from db.history import CHANGED_AT, KEPT
from db.pool import Database, Row

SWEEP_LOCK = 0x7377656570
"""Held for the length of a step by the one process that takes it."""

# What is due stands at the end of an index, and is read from there, whatever statistics promise of other ways.
ALONE = """
select pg_try_advisory_xact_lock($1) as is_ours,
    set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('enable_sort', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true)
"""


async def _alone(db: Database, statement: str, *args: object) -> Row | None:
    """The one row of a step, or None when another process takes one just now."""
    async with db.transaction() as session:
        lock = await session.fetchrow(ALONE, SWEEP_LOCK)
        if lock is None or not lock["is_ours"]:
            return None
        return await session.fetchrow(statement, *args)


async def _counted(db: Database, statement: str, *args: object) -> int:
    row = await _alone(db, statement, *args)
    return int(row["count"]) if row else 0


# What somebody is writing just now is left for the next time.
EXPIRE = f"""
with old as (
    select * from contexts c
    where c.is_active and c.expires_at <= now()
    order by c.expires_at
    limit $1
    for update skip locked
), {KEPT}, gone as (
    update contexts c set is_active = false, version = c.version + 1, updated_at = {CHANGED_AT}
    from old
    where c.user_id = old.user_id and c.id = old.id
    returning c.id
)
select count(*) as count from gone
"""


async def expire(db: Database, limit: int) -> int:
    """Make so many of the expired contexts inactive; how many they were."""
    return await _counted(db, EXPIRE, limit)


DELETE_EXPIRED = """
with old as (
    select c.user_id, c.id from contexts c
    where not c.is_active and c.expires_at <= now() - $1::double precision * interval '1 day'
    order by c.expires_at
    limit $2
    for update skip locked
), gone as (
    delete from contexts c using old where c.user_id = old.user_id and c.id = old.id
    returning c.id
)
select count(*) as count from gone
"""


async def delete_expired(db: Database, grace: float, limit: int) -> int:
    """Delete so many of those that expired `grace` days ago; how many they were."""
    return await _counted(db, DELETE_EXPIRED, grace, limit)


# Nothing changes in a context that is inactive, so its last change is its deletion.
DELETE_DELETED = """
with old as (
    select c.user_id, c.id from contexts c
    where not c.is_active and c.updated_at <= now() - $1::double precision * interval '1 day'
    order by c.updated_at
    limit $2
    for update skip locked
), gone as (
    delete from contexts c using old where c.user_id = old.user_id and c.id = old.id
    returning c.id
)
select count(*) as count from gone
"""


async def delete_deleted(db: Database, keep: float, limit: int) -> int:
    """Delete so many of the contexts that were deleted `keep` days ago; how many they were."""
    return await _counted(db, DELETE_DELETED, keep, limit)


# A context that was restored keeps its conversation. The answers that were given in it go with it.
DELETE_CONVERSATIONS = """
with old as (
    select v.user_id, v.id from conversations v
    where not v.is_active and v.updated_at <= now() - $1::double precision * interval '1 day'
        and not exists (
            select from contexts c where c.user_id = v.user_id and c.conversation_id = v.id
        )
        and not exists (
            select from responses r
            where r.user_id = v.user_id and r.conversation_id = v.id and r.completed_at is null
        )
    order by v.updated_at
    limit $2
    for update skip locked
), answers as (
    delete from responses r using old where r.user_id = old.user_id and r.conversation_id = old.id
), gone as (
    delete from conversations v using old where v.user_id = old.user_id and v.id = old.id
    returning v.id
)
select count(*) as count from gone
"""


async def delete_conversations(db: Database, keep: float, limit: int) -> int:
    """Delete so many of the conversations that were deleted `keep` days ago; how many they were."""
    return await _counted(db, DELETE_CONVERSATIONS, keep, limit)


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept of a type for each user: the `newest`, and all that is younger than so many `days`."""

    context_type: str
    newest: int
    days: float


@dataclass(frozen=True, slots=True)
class Walked:
    """How many contexts a step has let go of, and whose it looked at: up to `last`, None when there was nobody."""

    count: int
    last: UUID | None


# For each user first the oldest, which is one probe of an index; only if that is old enough where the newest end, which
# is as many entries of it as are kept. What goes expires now: the history says until when it was there.
LET_GO = f"""
with walked as materialized (
    select u.id from users u where u.id > $1 order by u.id limit $2
), due as materialized (
    select u.id as user_id, kept_of.context_type, aged.until, beyond.created_at, beyond.id
    from walked u
    cross join unnest($3::text[], $4::integer[], $5::double precision[])
        as kept_of (context_type, newest, days)
    cross join lateral (
        select k.created_at as oldest, now() - kept_of.days * interval '1 day' as until
        from contexts k
        where k.user_id = u.id and k.context_type = kept_of.context_type and k.is_active
        order by k.created_at, k.id
        limit 1
    ) aged
    cross join lateral (
        select k.created_at, k.id from contexts k
        where k.user_id = u.id and k.context_type = kept_of.context_type and k.is_active
            and aged.oldest <= aged.until
        order by k.created_at desc, k.id desc
        offset kept_of.newest limit 1
    ) beyond
), old as (
    select c.* from due cross join lateral (
        select * from contexts k
        where k.user_id = due.user_id and k.context_type = due.context_type and k.is_active
            and (k.created_at, k.id) <= (due.created_at, due.id) and k.created_at <= due.until
        order by k.created_at, k.id
        limit $6
        for update skip locked
    ) c
    limit $6
), {KEPT}, gone as (
    update contexts c set is_active = false, expires_at = least(c.expires_at, now()),
        version = c.version + 1, updated_at = {CHANGED_AT}
    from old
    where c.user_id = old.user_id and c.id = old.id
    returning c.id
)
select (select count(*) from gone) as count,
    (select id from walked order by id desc limit 1) as last
"""


async def let_go(
    db: Database, kept: Sequence[Retention], after: UUID, users: int, limit: int
) -> Walked | None:
    """Let at most `limit` contexts expire that are kept no longer, of so many users after this one, in their order.

    None when another process takes a step just now. Where the limit was reached, the same users may have more.
    """
    row = await _alone(
        db,
        LET_GO,
        after,
        users,
        [one.context_type for one in kept],
        [one.newest for one in kept],
        [one.days for one in kept],
        limit,
    )
    return Walked(*row) if row else None
