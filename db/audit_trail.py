"""Who has done what: rows that are only ever added, with what was done and to whom, and never what it held."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from uuid_utils.compat import uuid7

from db.pool import Session

APPEND = """
insert into audit_trail (user_id, id, actor, action, kind, objects, count)
values ($1, $2, coalesce(nullif(current_setting('contextql.actor', true), ''), 'system'), $3, $4, $5, $6)
"""


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
    await session.fetch(APPEND, user, uuid7(), action, kind, list(objects), count)
