"""The store: users, conversations, contexts with their versions, responses with their events."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

UPGRADE = (
    # Drawn once: a user's id is the UUIDv5 of its external id under this namespace.
    """
    create table deployment (
        id boolean primary key default true check (id),
        namespace uuid not null default gen_random_uuid(),
        created_at timestamptz not null default now()
    )
    """,
    "insert into deployment default values",
    """
    create table users (
        id uuid primary key,
        external_id text not null,
        name text,
        metadata jsonb not null default '{}',
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
    )
    """,
    "create index users_by_time on users (created_at, id)",
    """
    create table conversations (
        user_id uuid not null constraint conversations_user references users (id),
        id uuid not null,
        title text,
        metadata jsonb not null default '{}',
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        is_active boolean not null default true,
        version integer not null default 1,
        primary key (user_id, id)
    )
    """,
    """
    create index conversations_by_time on conversations (user_id, created_at, id)
    where is_active
    """,
    """
    create table contexts (
        user_id uuid not null constraint contexts_user references users (id),
        id uuid not null,
        conversation_id uuid,
        context_type varchar(50) not null,
        content jsonb not null,
        metadata jsonb not null default '{}',
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        expires_at timestamptz,
        is_active boolean not null default true,
        version integer not null default 1,
        search tsvector not null,
        primary key (user_id, id),
        constraint contexts_conversation foreign key (user_id, conversation_id)
            references conversations (user_id, id)
    )
    """,
    "create index contexts_by_time on contexts (user_id, created_at, id)",
    """
    create index contexts_active_by_time on contexts (user_id, created_at, id)
    where is_active
    """,
    """
    create index contexts_active_by_type on contexts (user_id, context_type, created_at, id)
    where is_active
    """,
    """
    create index contexts_active_by_conversation
    on contexts (user_id, conversation_id, created_at, id)
    where is_active and conversation_id is not null
    """,
    """
    create unique index contexts_one_profile on contexts (user_id)
    where context_type = 'profile' and is_active
    """,
    "create index contexts_metadata on contexts using gin (metadata jsonb_path_ops)",
    "create index contexts_content on contexts using gin (content jsonb_path_ops)",
    "create index contexts_search on contexts using gin (search)",
    """
    create table context_versions (
        user_id uuid not null,
        context_id uuid not null,
        version integer not null,
        content jsonb not null,
        metadata jsonb not null,
        is_active boolean not null,
        expires_at timestamptz,
        search tsvector not null,
        valid_from timestamptz not null,
        valid_to timestamptz not null,
        primary key (user_id, context_id, version),
        constraint context_versions_context foreign key (user_id, context_id)
            references contexts (user_id, id) on delete cascade
    )
    """,
    """
    create function history_is_not_edited() returns trigger language plpgsql as $$
    begin
        raise exception 'context_versions is history: it is added to, never edited';
    end
    $$
    """,
    """
    create trigger context_versions_are_not_edited before update on context_versions
    for each statement execute function history_is_not_edited()
    """,
    """
    create table responses (
        user_id uuid not null constraint responses_user references users (id),
        id uuid not null,
        conversation_id uuid not null,
        status text not null default 'PENDING' constraint responses_status
            check (status in ('PENDING', 'STREAMING', 'COMPLETED', 'FAILED', 'CANCELLED')),
        message text not null,
        text text not null default '',
        model text not null,
        budget integer not null,
        grounding jsonb,
        input_tokens integer,
        output_tokens integer,
        error_code text,
        error_message text,
        created_at timestamptz not null default now(),
        first_token_at timestamptz,
        completed_at timestamptz,
        primary key (user_id, id),
        constraint responses_conversation foreign key (user_id, conversation_id)
            references conversations (user_id, id)
    )
    """,
    """
    create index responses_by_conversation
    on responses (user_id, conversation_id, created_at, id)
    """,
    """
    create table response_events (
        user_id uuid not null,
        response_id uuid not null,
        seq integer not null,
        kind text not null constraint response_events_kind
            check (kind in ('STARTED', 'DELTA', 'COMPLETED', 'FAILED', 'CANCELLED')),
        text text not null default '',
        created_at timestamptz not null default now(),
        primary key (user_id, response_id, seq),
        constraint response_events_response foreign key (user_id, response_id)
            references responses (user_id, id) on delete cascade
    )
    """,
)

DOWNGRADE = (
    "drop table response_events",
    "drop table responses",
    "drop table context_versions",
    "drop function history_is_not_edited",
    "drop table contexts",
    "drop table conversations",
    "drop table users",
    "drop table deployment",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
