"""Ending a response before its model has finished, and the lease by which others know that it is looked after.

Who ends a response is seldom who generates it. So the row is locked first, in a statement of its own: the one
after it sees all that was said until then, and nothing is said any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from uuid import UUID

from db import response_folding
from db.contexts import Owned
from db.notifications import NEWS, STOP
from db.pool import Database, Session
from db.records import Response
from db.responses import R_COLUMNS


@dataclass(frozen=True, slots=True)
class Ending:
    """The last state of a response: `FAILED` with its reason, or `CANCELLED`."""

    status: str
    code: str | None = None
    message: str | None = None
    from_outside: bool = False
    """Whoever generates it does not know yet, and is told to stop."""


CANCELLED = Ending("CANCELLED", from_outside=True)

LOCK = "select id from responses where user_id = $1 and id = $2 for update"

END = f"""
with said as ({response_folding.SAID}), r as (
    update responses set status = $3, completed_at = now(), lease_until = null,
        text = said.text, delta_ends = said.ends, error_code = $4, error_message = $5
    from said
    where user_id = $1 and id = $2 and status in ('PENDING', 'STREAMING')
    returning responses.*
), gone as ({response_folding.AWAY}), told as (
    select pg_notify('{NEWS}', id::text), case when $6 then pg_notify('{STOP}', id::text) end from r
)
select {R_COLUMNS} from r, told
"""


async def end(db: Database, user_id: UUID, response_id: UUID, ending: Ending) -> Response | None:
    """The response ends here, with the text so far. None if there is none, or it had ended before."""
    async with db.transaction() as session:
        await session.fetchrow(LOCK, user_id, response_id)
        return await _ended(session, user_id, response_id, ending)


async def _ended(
    session: Session, user_id: UUID, response_id: UUID, ending: Ending
) -> Response | None:
    row = await session.fetchrow(END, user_id, response_id, *astuple(ending))
    return Response(*row) if row else None


RENEW = """
update responses r set lease_until = now() + make_interval(secs => $3)
from unnest($1::uuid[], $2::uuid[]) mine(user_id, id)
where r.user_id = mine.user_id and r.id = mine.id and r.status in ('PENDING', 'STREAMING')
returning r.id
"""


async def renew(db: Database, mine: Iterable[Owned], lease: float) -> set[UUID]:
    """Look after these for another `lease` seconds; gives the ids of those that have not ended meanwhile."""
    users, ids = zip(*mine, strict=True)
    return {row["id"] for row in await db.fetch(RENEW, list(users), list(ids), lease)}


LOCK_ORPHAN = """
select user_id, id from responses
where status in ('PENDING', 'STREAMING') and lease_until < now()
order by lease_until limit 1
for update skip locked
"""


async def end_orphan(db: Database, ending: Ending) -> Response | None:
    """End one response whose lease has run out. None when there is none."""
    async with db.transaction() as session:
        orphan = await session.fetchrow(LOCK_ORPHAN)
        if orphan is None:
            return None
        return await _ended(session, orphan["user_id"], orphan["id"], ending)
