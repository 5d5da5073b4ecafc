"""Contexts as they are written: each change and its row of history in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from db.contexts import C_COLUMNS, COLUMNS
from db.conversation_growth import grown
from db.errors import Missing, Stale
from db.filters import LIVE
from db.history import CHANGED_AT, KEPT
from db.ids import new_id
from db.planning import PLANNED_ONCE
from db.pool import Database, Store
from db.records import Context, Json


@dataclass(frozen=True, slots=True)
class NewContext:
    """A context that does not exist yet. `text` is what search finds it by."""

    context_type: str
    content: Json
    text: str
    metadata: Json = field(default_factory=dict)
    conversation_id: UUID | None = None
    expires_at: datetime | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """What changes in a context; None leaves as it is. `expires_at` is a 1-tuple, so that it can be cleared.

    `text` comes with `content`: it is what search finds the new content by.
    """

    content: Json | None = None
    text: str | None = None
    metadata: Json | None = None
    expires_at: tuple[datetime | None] | None = None


# Nothing is inserted unless every conversation that is named is this user's and active: all or nothing.
def made(returned: str) -> str:
    """Common table expressions that store new contexts; these columns of them are returned as `made`."""
    return f"""
with made as (
    insert into contexts ({COLUMNS}, search)
    select $1, n.id, n.conversation_id, n.context_type, n.content, n.metadata,
        coalesce(n.created_at, now()), now(), n.expires_at, true, 1,
        to_tsvector($10::text::regconfig, n.text)
    from rows from (
        unnest($2::uuid[], $3::uuid[], $4::text[], $7::timestamptz[], $8::timestamptz[], $9::text[]),
        jsonb_array_elements($5::jsonb),
        jsonb_array_elements($6::jsonb)
    ) as n (id, conversation_id, context_type, created_at, expires_at, text, content, metadata)
    cross join {PLANNED_ONCE}
    where not exists (
        select from unnest($3::uuid[]) as named (id)
        where named.id is not null and not exists (
            select from conversations v
            where v.user_id = $1 and v.id = named.id and v.is_active
        )
    )
    returning {returned}
), {grown("made")}
"""


CREATE_MANY = f"{made(COLUMNS)} select {COLUMNS} from made"


async def create_many(db: Store, user_id: UUID, new: Sequence[NewContext]) -> list[Context]:
    """Store all of them or none, in one statement; the answer has the order of `new`.

    Raises `Missing` for a conversation, `Violated` for an unknown user or a second profile.
    """
    ids = [new_id() for _ in new]
    rows = await db.fetch(CREATE_MANY, *_columns(db, user_id, ids, new))
    if len(rows) != len(new):
        raise Missing("conversation")
    stored = {row["id"]: Context(*row) for row in rows}
    return [stored[id] for id in ids]


# What is sent need not come back: the moment is all that PostgreSQL adds.
STORE_MANY = f"""
{made("user_id, conversation_id, context_type")}
select now() as at from made limit 1
"""


async def store_many(db: Store, user_id: UUID, new: Sequence[NewContext]) -> list[Context]:
    """As `create_many`, for one or more; content and metadata are as given, not as PostgreSQL writes them."""
    ids = [new_id() for _ in new]
    row = await db.fetchrow(STORE_MANY, *_columns(db, user_id, ids, new))
    if row is None:
        raise Missing("conversation")
    at = row["at"]
    return [_stored(user_id, id, one, at) for id, one in zip(ids, new, strict=True)]


def _columns(
    db: Store, user_id: UUID, ids: Sequence[UUID], new: Sequence[NewContext]
) -> tuple[object, ...]:
    return (
        user_id,
        ids,
        _given([context.conversation_id for context in new]),
        [context.context_type for context in new],
        [context.content for context in new],
        [context.metadata for context in new],
        _given([context.created_at for context in new]),
        _given([context.expires_at for context in new]),
        [context.text for context in new],
        db.language,
    )


def _given(values: Sequence[object]) -> Sequence[object]:
    """The values; none at all where not one is given. `unnest` fills up with nulls, and they need not be sent."""
    return values if any(value is not None for value in values) else []


def _stored(user_id: UUID, id: UUID, new: NewContext, at: datetime) -> Context:
    return Context(
        user_id,
        id,
        new.conversation_id,
        new.context_type,
        new.content,
        new.metadata,
        new.created_at or at,
        at,
        new.expires_at,
        is_active=True,
        version=1,
    )


async def create(db: Store, user_id: UUID, new: NewContext) -> Context:
    """Store one. Raises as `create_many`."""
    return (await create_many(db, user_id, [new]))[0]


# The old row is locked, copied into the history and replaced, and all of it is seen at once or not at all.
UPDATE = f"""
with old as (
    select * from contexts c
    where c.user_id = $1 and c.id = $2 and c.version = $3 and c.is_active and {LIVE}
    for update
), {KEPT}
update contexts c set
    content = coalesce($4::jsonb, c.content),
    search = case when $4::jsonb is null then c.search else to_tsvector($5::text::regconfig, $6::text) end,
    metadata = coalesce($7::jsonb, c.metadata),
    expires_at = case when $8 then $9::timestamptz else c.expires_at end,
    version = c.version + 1,
    updated_at = {CHANGED_AT}
from old cross join {PLANNED_ONCE}
where c.user_id = old.user_id and c.id = old.id
returning {C_COLUMNS}
"""


async def update(
    db: Database, user_id: UUID, context_id: UUID, expected_version: int, change: Revision
) -> Context:
    """Change an active context. Raises `Stale` with the current version, or `Missing`."""
    row = await db.fetchrow(
        UPDATE,
        user_id,
        context_id,
        expected_version,
        change.content,
        db.language,
        change.text,
        change.metadata,
        change.expires_at is not None,
        change.expires_at[0] if change.expires_at else None,
    )
    if row is None:
        await _refuse(db, user_id, context_id)
    return Context(*row)


SOFT_DELETE = f"""
with old as (
    select * from contexts c
    where c.user_id = $1 and c.id = $2 and c.is_active and {LIVE}
        and ($3::integer is null or c.version = $3)
    for update
), {KEPT}
update contexts c set is_active = false, version = c.version + 1, updated_at = {CHANGED_AT}
from old
where c.user_id = old.user_id and c.id = old.id
returning {C_COLUMNS}
"""


async def soft_delete(
    db: Database, user_id: UUID, context_id: UUID, expected_version: int | None = None
) -> Context:
    """Make a context inactive. Raises `Stale` with the current version, or `Missing`."""
    row = await db.fetchrow(SOFT_DELETE, user_id, context_id, expected_version)
    if row is None:
        await _refuse(db, user_id, context_id)
    return Context(*row)


# Nothing is locked, kept or changed unless there is such a version to restore.
# An expiry that has passed is not brought back: the restored context would be gone at once.
RESTORE = f"""
with source as (
    select content, metadata, expires_at, search from context_versions
    where user_id = $1 and context_id = $2 and version = $4
    union all
    select content, metadata, expires_at, search from contexts
    where user_id = $1 and id = $2 and version = $4
), old as (
    select * from contexts c
    where c.user_id = $1 and c.id = $2 and c.version = $3 and {LIVE}
        and exists (select from source)
    for update
), {KEPT}
update contexts c set
    content = source.content,
    metadata = source.metadata,
    expires_at = case when source.expires_at > now() then source.expires_at end,
    search = source.search,
    is_active = true,
    version = c.version + 1,
    updated_at = {CHANGED_AT}
from old, source
where c.user_id = old.user_id and c.id = old.id
returning {C_COLUMNS}
"""


async def restore(
    db: Database, user_id: UUID, context_id: UUID, version: int, expected_version: int
) -> Context:
    """Make an earlier version the newest, and active. Raises `Stale`, or `Missing` for either."""
    row = await db.fetchrow(RESTORE, user_id, context_id, expected_version, version)
    if row is None:
        await _refuse_restoring(db, user_id, context_id, expected_version)
    return Context(*row)


STANDING = (
    f"select c.version, c.is_active from contexts c where c.user_id = $1 and c.id = $2 and {LIVE}"
)


async def _refuse(db: Database, user_id: UUID, context_id: UUID) -> NoReturn:
    """Say why there was no active context of that version to change."""
    standing = await db.fetchrow(STANDING, user_id, context_id)
    if standing is None or not standing["is_active"]:
        raise Missing("context")
    raise Stale("context", standing["version"])


async def _refuse_restoring(
    db: Database, user_id: UUID, context_id: UUID, expected_version: int
) -> NoReturn:
    standing = await db.fetchrow(STANDING, user_id, context_id)
    if standing is None:
        raise Missing("context")
    if standing["version"] != expected_version:
        raise Stale("context", standing["version"])
    raise Missing("version")
