"""Forgetting: what has expired or was deleted is found without looking for it, and statistics hold nothing of it."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0006"

INDEXES = (
    """
    create index contexts_expiring on contexts (expires_at)
    where is_active and expires_at is not null
    """,
    """
    create index contexts_expired on contexts (expires_at)
    where not is_active and expires_at is not null
    """,
    "create index contexts_deleted on contexts (updated_at) where not is_active",
    # A conversation goes when no context belongs to it any more, inactive ones too. One entry holds many turns.
    """
    create index contexts_by_conversation on contexts (user_id, conversation_id)
    where conversation_id is not null
    """,
    "create index conversations_deleted on conversations (updated_at) where not is_active",
)

# PostgreSQL keeps samples of every column for its planner, and what is erased would stay in them. No plan of ours
# rests on these.
PERSONAL = {
    "users": ("external_id", "name", "metadata"),
    "conversations": ("title", "metadata"),
    "contexts": ("content", "metadata", "search"),
    "context_versions": ("content", "metadata", "search"),
    "responses": ("message", "text", "grounding", "error_message"),
    "response_events": ("text",),
    "unembedded": ("error",),
    "idempotency_keys": ("key", "result"),
    "api_keys": ("name",),
}


def _sampled(much: int) -> list[str]:
    return [
        f"alter table {table} alter column {column} set statistics {much}"
        for table, columns in PERSONAL.items()
        for column in columns
    ]


UPGRADE = (*INDEXES, *_sampled(0))

DOWNGRADE = (
    *_sampled(-1),
    "drop index conversations_deleted",
    "drop index contexts_by_conversation",
    "drop index contexts_deleted",
    "drop index contexts_expired",
    "drop index contexts_expiring",
)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
