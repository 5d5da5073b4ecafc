"""Users by their words: one among very many is found by how the words of the external id or the name begin."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
served_from = "0010"

# External ids are no prose: `ada@example.com` and `acme/7` are several words here, and none to PostgreSQL's parser.
# Beyond ASCII the parser says by itself what belongs to a word.
WORDS = r"""
to_tsvector('simple'::regconfig, regexp_replace(
    external_id || ' ' || coalesce(name, ''), '[^0-9A-Za-z\u0080-\U0010ffff]+', ' ', 'g'
))
"""

UPGRADE = (
    f"create index users_by_words on users using gin ({WORDS})",
    # PostgreSQL keeps no samples of it for its planner; see 0008.
    "alter index users_by_words alter column 1 set statistics 0",
)

DOWNGRADE = ("drop index users_by_words",)


def upgrade() -> None:
    for statement in UPGRADE:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWNGRADE:
        op.execute(statement)
