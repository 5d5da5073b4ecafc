"""Live responses: a lease while one is generated, and its events folded into its row once it has ended."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

UPGRADE = (
    "alter table responses add column lease_until timestamptz",
    # Where each delta ends in the text, counted in characters: delta n is event n + 1.
    "alter table responses add column delta_ends integer[] not null default '{}'",
    """
    update responses r set delta_ends = told.ends
    from (
        select e.user_id, e.response_id, array_agg(e.upto order by e.seq) as ends
        from (
            select user_id, response_id, seq,
                (sum(length(text)) over (partition by user_id, response_id order by seq))::integer
                    as upto
            from response_events where kind = 'DELTA'
        ) e
        group by e.user_id, e.response_id
    ) told
    where r.user_id = told.user_id and r.id = told.response_id and r.completed_at is not null
    """,
    """
    delete from response_events e using responses r
    where r.user_id = e.user_id and r.id = e.response_id and r.completed_at is not null
    """,
    # Nobody is known to work on these.
    "update responses set lease_until = now() where completed_at is null",
    """
    create index responses_unfinished on responses (lease_until)
    where status in ('PENDING', 'STREAMING')
    """,
    """
    create index responses_unfinished_of_user on responses (user_id)
    where status in ('PENDING', 'STREAMING')
    """,
)

DOWNGRADE = (
    """
    insert into response_events (user_id, response_id, seq, kind)
    select user_id, id, 1, 'STARTED' from responses
    where completed_at is not null and grounding is not null
    """,
    """
    insert into response_events (user_id, response_id, seq, kind, text)
    select r.user_id, r.id, d.n + 1, 'DELTA', substr(
        r.text, 1 + coalesce(r.delta_ends[d.n - 1], 0),
        r.delta_ends[d.n] - coalesce(r.delta_ends[d.n - 1], 0)
    )
    from responses r cross join lateral generate_subscripts(r.delta_ends, 1) d(n)
    where r.completed_at is not null
    """,
    """
    insert into response_events (user_id, response_id, seq, kind)
    select user_id, id, 1 + (grounding is not null)::integer + cardinality(delta_ends), status
    from responses where completed_at is not null
    """,
    "drop index responses_unfinished_of_user",
    "drop index responses_unfinished",
    "alter table responses drop column delta_ends",
    "alter table responses drop column lease_until",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
