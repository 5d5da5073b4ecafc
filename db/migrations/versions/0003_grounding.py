"""Grounding: the terms that keyword search ranks by, what an answer rests on, and what it cost."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

UPGRADE = (
    # Each word of the text as often as it stands there, hashed together with its user: an index over these leads
    # from a word straight to one user's contexts, and the number of elements is the length of the text.
    """
    create function context_terms(user_id uuid, search tsvector) returns integer[]
    language sql immutable parallel safe as $$
        select coalesce(array_agg(hashtext(user_id::text || t.lexeme)), '{}')
        from unnest(search) t
        cross join lateral generate_series(1, greatest(cardinality(t.positions), 1))
    $$
    """,
    """
    alter table contexts
        add column terms integer[] not null generated always as (context_terms(user_id, search)) stored,
        add column term_count integer not null
            generated always as (cardinality(context_terms(user_id, search))) stored
    """,
    "drop index contexts_search",
    # What has been written and is not in its place yet is read by every search, so there must not be much of it.
    """
    create index contexts_terms on contexts using gin (terms) with (gin_pending_list_limit = 256)
    """,
    # How many contexts a user has and how long they are, without reading them.
    """
    create index contexts_lengths on contexts (user_id) include (term_count, context_type, expires_at)
    where is_active
    """,
    """
    alter table responses
        add column as_of timestamptz,
        add column rests_on uuid[] not null default '{}',
        add column cost_usd double precision,
        add column groundedness double precision
    """,
    """
    update responses r set rests_on = receipt.ids
    from (
        select user_id, id, array_agg((item ->> 'contextId')::uuid) as ids
        from responses cross join lateral jsonb_array_elements(grounding -> 'items') item
        where (item ->> 'included')::boolean
        group by user_id, id
    ) receipt
    where r.user_id = receipt.user_id and r.id = receipt.id
    """,
    "create index responses_rests_on on responses using gin (rests_on)",
)

DOWNGRADE = (
    """
    alter table responses
        drop column groundedness, drop column cost_usd, drop column rests_on, drop column as_of
    """,
    "alter table contexts drop column term_count, drop column terms",
    "drop function context_terms",
    "create index contexts_search on contexts using gin (search)",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
