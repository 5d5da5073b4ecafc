"""Embeddings: which models are wanted, what has been embedded by them, and what is still waiting for it."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

UPGRADE = (
    "create extension if not exists vector",
    # A model that no process has wanted for long is forgotten. `horizon` is the first transaction that is sure to have
    # seen the model when it wrote; the walk through all contexts waits until every older one has ended.
    """
    create table embedding_models (
        model text primary key,
        dimensions integer,
        wanted_until timestamptz not null,
        is_forgotten boolean not null default false,
        horizon xid8,
        walked_user uuid not null default '00000000-0000-0000-0000-000000000000',
        walked_context uuid not null default '00000000-0000-0000-0000-000000000000',
        is_walked boolean not null default false
    )
    """,
    # There is no row for a text that has changed since: the trigger below takes it away with the change.
    # `halfvec` without dimensions, so that models of any size stand side by side.
    """
    create table context_embeddings (
        user_id uuid not null,
        context_id uuid not null,
        model text not null,
        embedding halfvec not null,
        primary key (user_id, context_id, model),
        constraint context_embeddings_context foreign key (user_id, context_id)
            references contexts (user_id, id) on delete cascade
    )
    """,
    # Even large vectors stay in the row: search reads them one after the other.
    "alter table context_embeddings set (toast_tuple_target = 8160)",
    # `due_at` is when it may be tried: now, or when a lease or a pause after a failure has run out.
    # No foreign key: writers would pay for it, and whoever takes a row from here sees whether its context is there.
    """
    create table unembedded (
        user_id uuid not null,
        context_id uuid not null,
        model text not null,
        is_backlog boolean not null default false,
        is_tried boolean not null default false,
        due_at timestamptz not null default now(),
        attempts integer not null default 0,
        error text,
        primary key (user_id, context_id, model)
    )
    """,
    "create index unembedded_due on unembedded (model, is_tried, is_backlog, due_at)",
    # Once for a statement, however many rows it stores; without a model it reads one empty table.
    """
    create function stored_contexts_await_embedding() returns trigger language plpgsql as $$
    begin
        insert into unembedded (user_id, context_id, model)
        select s.user_id, s.id, m.model
        from embedding_models m cross join stored s
        where not m.is_forgotten and s.is_active and s.context_type <> 'profile';
        return null;
    end
    $$
    """,
    """
    create trigger stored_contexts_await_embedding after insert on contexts
    referencing new table as stored
    for each statement execute function stored_contexts_await_embedding()
    """,
    # First the queue, then the embeddings: a worker that has just embedded the old text holds the row of the queue,
    # and what it stored is there to be deleted once it lets go.
    """
    create function changed_contexts_await_embedding() returns trigger language plpgsql as $$
    begin
        if old.is_active and not new.is_active then
            delete from unembedded where user_id = new.user_id and context_id = new.id;
        else
            insert into unembedded (user_id, context_id, model)
            select new.user_id, new.id, m.model from embedding_models m
            where not m.is_forgotten and new.is_active
            order by m.model
            on conflict (user_id, context_id, model) do update
            set due_at = now(), is_tried = false, attempts = 0, error = null, is_backlog = false;
        end if;
        delete from context_embeddings where user_id = new.user_id and context_id = new.id;
        return null;
    end
    $$
    """,
    # Metadata and expiry are no part of the text.
    """
    create trigger changed_contexts_await_embedding
    after update of content, is_active on contexts for each row
    when (
        new.context_type <> 'profile'
        and (new.content is distinct from old.content or new.is_active <> old.is_active)
    )
    execute function changed_contexts_await_embedding()
    """,
)

DOWNGRADE = (
    "drop trigger changed_contexts_await_embedding on contexts",
    "drop trigger stored_contexts_await_embedding on contexts",
    "drop function changed_contexts_await_embedding",
    "drop function stored_contexts_await_embedding",
    "drop table unembedded",
    "drop table context_embeddings",
    "drop table embedding_models",
    # The extension stays: it may have been there before, and others may use it.
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
