"""The front door: API keys, writes that may be retried, and who has done what."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

UPGRADE = (
    # The id that stands for nobody when somebody asks for another user's rows.
    """
    alter table users add constraint users_somebody
        check (id <> '00000000-0000-0000-0000-000000000000')
    """,
    # The key itself is shown once and kept nowhere; it is long and random, so a plain hash is enough.
    """
    create table api_keys (
        id uuid primary key,
        prefix text not null constraint api_keys_prefix unique,
        hash bytea not null constraint api_keys_hash unique,
        name text not null,
        role text not null constraint api_keys_role check (role in ('SERVICE', 'USER')),
        user_id uuid constraint api_keys_user references users (id) on delete cascade,
        created_at timestamptz not null default now(),
        expires_at timestamptz,
        revoked_at timestamptz,
        last_used_at timestamptz,
        constraint api_keys_of_a_user check ((role = 'USER') = (user_id is not null))
    )
    """,
    "create index api_keys_by_user on api_keys (user_id) where user_id is not null",
    # What a key was used for first. `result` names what was made, not what it holds.
    """
    create table idempotency_keys (
        user_id uuid not null,
        key text not null,
        operation text not null,
        input_hash bytea not null,
        result jsonb,
        created_at timestamptz not null default now(),
        primary key (user_id, key)
    )
    """,
    "create index idempotency_keys_by_time on idempotency_keys (created_at)",
    # `objects` are the rows that were changed, `count` is how many. Never what they hold.
    """
    create table audit_trail (
        id uuid primary key,
        at timestamptz not null default now(),
        actor text not null,
        action text not null,
        kind text not null,
        user_id uuid,
        objects uuid[] not null default '{}',
        count integer not null default 1
    )
    """,
    "create index audit_trail_by_time on audit_trail (at, id)",
    "create index audit_trail_by_user on audit_trail (user_id, at)",
    """
    create function the_audit_trail_is_not_edited() returns trigger language plpgsql as $$
    begin
        raise exception 'audit_trail is added to, never edited';
    end
    $$
    """,
    """
    create trigger audit_trail_is_not_edited before update or delete or truncate on audit_trail
    for each statement execute function the_audit_trail_is_not_edited()
    """,
)

DOWNGRADE = (
    "drop table audit_trail",
    "drop function the_audit_trail_is_not_edited",
    "drop table idempotency_keys",
    "drop table api_keys",
    "alter table users drop constraint users_somebody",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
