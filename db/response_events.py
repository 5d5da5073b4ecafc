"""The numbered events of a response."""

from __future__ import annotations

from uuid import UUID

from db.pool import Database
from db.records import ResponseEvent

COLUMNS = "user_id, response_id, seq, kind, text, created_at"

LAST_KINDS = ("COMPLETED", "FAILED", "CANCELLED")
"""After an event of these kinds there is no other."""

# The last event comes along even when it is not news, so that who has seen it knows that it was the last.
AFTER = f"""
select {COLUMNS} from response_events
where user_id = $1 and response_id = $2 and (seq > $3 or kind = any($5))
order by seq
limit $4
"""


async def after(
    db: Database, user_id: UUID, response_id: UUID, seq: int, limit: int = 500
) -> list[ResponseEvent]:
    """The stored events that follow event `seq`, oldest first; the response's last event in any case."""
    rows = await db.fetch(AFTER, user_id, response_id, seq, limit, LAST_KINDS)
    return [ResponseEvent(*row) for row in rows]
