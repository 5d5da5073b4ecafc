"""The one profile document of each user: a context that there is once."""

from __future__ import annotations

from typing import NoReturn
from uuid import UUID

from db.contexts import C_COLUMNS, COLUMNS
from db.errors import Missing, Stale
from db.filters import LIVE
from db.history import CHANGED_AT, KEPT
from db.ids import new_id
from db.pool import Store
from db.records import Context, Json

# An expired profile is absent, yet it holds the place of the one active profile: its row is used again.
SET_PROFILE = f"""
with old as (
    select * from contexts c
    where c.user_id = $1 and c.context_type = 'profile' and c.is_active
        and ($6::integer is null or c.version = $6 and {LIVE})
    for update
), {KEPT}, changed as (
    update contexts c set
        content = $3::jsonb,
        search = to_tsvector($4::text::regconfig, $5::text),
        expires_at = null,
        version = c.version + 1,
        updated_at = {CHANGED_AT}
    from old
    where c.user_id = old.user_id and c.id = old.id
    returning {C_COLUMNS}
), made as (
    insert into contexts ({COLUMNS}, search)
    select $1, $2, null, 'profile', $3::jsonb, '{{}}'::jsonb, now(), now(), null, true, 1,
        to_tsvector($4::text::regconfig, $5::text)
    where $6::integer is null and not exists (select from old)
    on conflict (user_id) where context_type = 'profile' and is_active do nothing
    returning {COLUMNS}
)
select * from changed union all select * from made
"""


async def set_profile(
    db: Store,
    user_id: UUID,
    content: Json,
    text: str,
    expected_version: int | None = None,
) -> Context:
    """Make or replace the one profile document of a user.

    Raises `Stale` or `Missing` when a version is expected, `Violated` for an unknown user.
    """
    args = (user_id, new_id(), content, db.language, text, expected_version)
    row = await db.fetchrow(SET_PROFILE, *args)
    while row is None and expected_version is None:
        # Another writer made the first profile in the same moment: now there is one to replace.
        row = await db.fetchrow(SET_PROFILE, *args)
    if row is None:
        await _refuse_profile(db, user_id)
    return Context(*row)


PROFILE_STANDING = f"""
select c.version from contexts c
where c.user_id = $1 and c.context_type = 'profile' and c.is_active and {LIVE}
"""


async def _refuse_profile(db: Store, user_id: UUID) -> NoReturn:
    standing = await db.fetchrow(PROFILE_STANDING, user_id)
    if standing is None:
        raise Missing("profile")
    raise Stale("profile", standing["version"])
