"""Changes: what has changed lately among the contexts of a user is found without looking for it."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
served_from = "0010"


def upgrade() -> None:
    op.execute("create index contexts_by_change on contexts (user_id, updated_at, id)")


def downgrade() -> None:
    op.execute("drop index contexts_by_change")
