"""${message}"""

from __future__ import annotations

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
# The oldest revision whose code goes on with these tables: docs/operations.md, "Rolling upgrade".
served_from = ${repr(up_revision)}

UPGRADE = ()
DOWNGRADE = ()


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
