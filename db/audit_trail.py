"""Who has done what: rows that are only ever added, with what was done and to whom, and never what it held."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from db.pool import Session

# By the same function as the triggers: it knows who acts, and may write where a user's role may not.
APPEND = "select audit($2, $3, $1, $4, $5)"


async def append(
    session: Session,
    action: str,
    kind: str,
    user: UUID | None,
    count: int,
    objects: Sequence[UUID] = (),
) -> None:
    """Add what no trigger sees, such as an export; within a transaction it stands or falls with what it tells of.

    `action` is a participle (`exported`, `erased`), `kind` a noun of the graph in lower case.
    """
    await session.fetch(APPEND, user, action, kind, list(objects), count)
