"""Summaries: the one context of a conversation that condenses its older turns, each refresh a version of it."""

from __future__ import annotations

from collections.abc import Sequence

from db.contexts import C_COLUMNS, COLUMNS, Owned
from db.filters import LIVE
from db.history import CHANGED_AT, KEPT
from db.ids import new_id
from db.pool import Database
from db.records import Context, Json

BY_CONVERSATIONS = f"""
select {C_COLUMNS} from contexts c
where c.user_id = any($1) and c.conversation_id = any($2)
    and c.context_type = 'summary' and c.is_active and {LIVE}
"""


async def by_conversation(db: Database, conversations: Sequence[Owned]) -> dict[Owned, Context]:
    """The summary of each conversation that has one."""
    users, ids = zip(*conversations, strict=True)
    rows = await db.fetch(BY_CONVERSATIONS, list(set(users)), list(ids))
    return {(row["user_id"], row["conversation_id"]): Context(*row) for row in rows}


# An expired summary is absent, yet it holds the place of the one active summary: its row is used again.
# Whoever makes the first one at the same time is met by the unique index, and comes too late.
REFRESH = f"""
with talk as (
    select v.user_id, v.id from conversations v
    where v.user_id = $1 and v.id = $2 and v.is_active
    for share
), old as (
    select c.* from contexts c join talk on c.user_id = talk.user_id and c.conversation_id = talk.id
    where c.context_type = 'summary' and c.is_active
        and case when {LIVE} then c.version = $3 else $3 = 0 end
    for update of c
), {KEPT}, changed as (
    update contexts c set
        content = $5::jsonb,
        search = to_tsvector($6::text::regconfig, $7::text),
        expires_at = case when {LIVE} then c.expires_at end,
        version = c.version + 1,
        updated_at = {CHANGED_AT}
    from old
    where c.user_id = old.user_id and c.id = old.id
    returning {C_COLUMNS}
), made as (
    insert into contexts ({COLUMNS}, search)
    select user_id, $4, id, 'summary', $5::jsonb, '{{}}'::jsonb, now(), now(), null, true, 1,
        to_tsvector($6::text::regconfig, $7::text)
    from talk
    where $3 = 0 and not exists (select from old)
    on conflict (user_id, conversation_id)
        where context_type = 'summary' and is_active and conversation_id is not null
        do nothing
    returning {COLUMNS}
)
select * from changed union all select * from made
"""


async def refresh(
    db: Database, conversation: Owned, expected_version: int, content: Json, text: str
) -> Context | None:
    """Make the summary (`expected_version` 0: there is none) or a new version of it.

    None if somebody else was first, or the conversation was deleted meanwhile.
    """
    row = await db.fetchrow(
        REFRESH, *conversation, expected_version, new_id(), content, db.language, text
    )
    return Context(*row) if row else None
