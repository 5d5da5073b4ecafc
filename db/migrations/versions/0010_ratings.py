"""Ratings: what a user thought of an answer, with the answer."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
served_from = "0009"

VIEWER = "(select nullif(current_setting('contextql.user_id', true), '')::uuid)"

# A view has the columns that its table had when it was made.
VIEW = f"create or replace view own_responses as select * from responses where user_id = {VIEWER}"

UPGRADE = (
    """
    alter table responses
        add column rating smallint constraint responses_rating check (rating between 1 and 5),
        add column rating_comment text constraint responses_rating_comment
            check (char_length(rating_comment) <= 2000),
        add column rated_at timestamptz,
        add constraint responses_rated check (
            (rating is null) = (rated_at is null) and (rating_comment is null or rating is not null)
        )
    """,
    # PostgreSQL keeps no samples of it for its planner; see 0008.
    "alter table responses alter column rating_comment set statistics 0",
    # The average reads what is rated and nothing else.
    "create index responses_by_rating on responses (rating) where rating is not null",
    """
    create trigger responses_rated_are_audited after update of rated_at on responses
    for each row when (new.rated_at is distinct from old.rated_at)
    execute function audit_one('rated', 'response')
    """,
    VIEW,
)

DOWNGRADE = (
    "drop view own_responses",
    "drop trigger responses_rated_are_audited on responses",
    "alter table responses drop column rating, drop column rating_comment, drop column rated_at",
    VIEW,
    "grant select on own_responses to contextql_viewer",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
