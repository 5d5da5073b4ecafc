"""Who has done what: rows that are only ever added, with what was done and to whom, and never what it held.

Triggers write them, in the transaction of what they tell of (see the migrations). Whoever acts is who the connection
works for: the credential of an operation, or `system` for what the server does by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from db.pool import Database, Session
from db.records import AuditEntry

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

    `action` is a participle (`exported`, `imported`), `kind` a noun of the graph in lower case.
    """
    await session.fetch(APPEND, user, action, kind, list(objects), count)


COLUMNS = "a.id, a.at, a.actor, a.action, a.kind, a.user_id, u.external_id, a.objects, a.count"

# Of one user, or of all. A user who was erased has no external id any more.
NEWEST = f"""
select {COLUMNS}
from audit_trail a left join users u on u.id = a.user_id
where ($1::uuid is null or a.user_id = $1) and ($2::timestamptz is null or a.at >= $2)
order by a.at desc, a.id desc
limit $3
"""


async def newest(
    db: Database, user: UUID | None, since: datetime | None, limit: int
) -> list[AuditEntry]:
    """The last so many entries, newest first; None of either asks nothing."""
    return [AuditEntry(*row) for row in await db.fetch(NEWEST, user, since, limit)]
