"""Summaries: one for each conversation, and how much a conversation has grown since somebody looked."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

UPGRADE = (
    # From now on there is one; older ones go into the history, as if they had been deleted.
    """
    with old as (
        select c.* from contexts c
        where c.context_type = 'summary' and c.is_active and exists (
            select from contexts n
            where n.user_id = c.user_id and n.conversation_id = c.conversation_id
                and n.context_type = 'summary' and n.is_active
                and (n.created_at, n.id) > (c.created_at, c.id)
        )
        for update
    ), kept as (
        insert into context_versions
            (user_id, context_id, version, content, metadata, is_active, expires_at, search,
             valid_from, valid_to)
        select user_id, id, version, content, metadata, is_active, expires_at, search,
            updated_at, greatest(now(), updated_at)
        from old
    )
    update contexts c set is_active = false, version = c.version + 1,
        updated_at = greatest(now(), old.updated_at)
    from old
    where c.user_id = old.user_id and c.id = old.id
    """,
    """
    create unique index contexts_one_summary on contexts (user_id, conversation_id)
    where context_type = 'summary' and is_active and conversation_id is not null
    """,
    """
    create table conversation_growth (
        user_id uuid not null,
        conversation_id uuid not null,
        turns integer not null,
        failures integer not null default 0,
        not_before timestamptz not null default '-infinity',
        primary key (user_id, conversation_id),
        constraint conversation_growth_conversation foreign key (user_id, conversation_id)
            references conversations (user_id, id) on delete cascade
    )
    """,
    "create index conversation_growth_by_turns on conversation_growth (turns)",
    """
    insert into conversation_growth (user_id, conversation_id, turns)
    select user_id, conversation_id, count(*) from contexts
    where context_type = 'conversation' and conversation_id is not null and is_active
    group by user_id, conversation_id
    """,
)

DOWNGRADE = (
    "drop table conversation_growth",
    "drop index contexts_one_summary",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
