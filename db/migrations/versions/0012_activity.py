"""What the server itself has done, by the minute and by the hour."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
served_from = "0010"

# How long a stretch is, in seconds: minutes for a near look, hours so that a month is read at once.
STRETCH = "seconds integer not null check (seconds in (60, 3600)), at timestamptz not null"

UPGRADE = (
    # The two histograms count by the buckets of api/activity/histogram.py.
    f"""
    create table activity (
        {STRETCH},
        operations integer not null,
        errors integer not null,
        responses integer not null,
        failed_responses integer not null,
        retrieval integer[] not null,
        first_token integer[] not null,
        users bigint,
        contexts bigint,
        stored_responses bigint,
        bytes bigint,
        primary key (seconds, at)
    )
    """,
    f"""
    create table activity_of_models (
        {STRETCH},
        model text not null,
        responses integer not null,
        failed integer not null,
        input_tokens bigint not null,
        output_tokens bigint not null,
        cost_usd double precision,
        primary key (seconds, at, model)
    )
    """,
    # No user's: without a policy not a row is theirs to read, whatever may be granted by mistake.
    "alter table activity enable row level security",
    "alter table activity_of_models enable row level security",
)

DOWNGRADE = ("drop table activity_of_models", "drop table activity")


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
