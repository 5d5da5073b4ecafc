"""What has changed among the contexts of users, in the order of its times.

A change has the time at which its transaction began, so that one with an earlier time may be seen after one with a
later: whoever looks goes back by an `overlap` that no transaction outlasts, and says what was seen already.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.contexts import C_COLUMNS
from db.filters import LIVE
from db.paging import TimeKey
from db.pool import Database
from db.records import Context
from db.scope import NOBODY

AT_ONCE = 100
"""Changes of each user that are read in one go."""

Key = tuple[UUID, int]
"""The id and the version of a context: a change, whatever it was."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a context has become; `kind` is one of CREATED, UPDATED, DELETED, RESTORED and EXPIRED."""

    kind: str
    context: Context

    @property
    def key(self) -> Key:
        return self.context.id, self.context.version

    @property
    def place(self) -> TimeKey:
        """Where it stands among the changes of its user."""
        return TimeKey(self.context.updated_at, self.context.id)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look has seen: `changes` of every user that there is, and none of one who is there no more.

    All that was written before `at` was there to be seen, but for transactions that had not ended; None when there
    is none of the users.
    """

    at: datetime | None
    changes: Mapping[UUID, Sequence[Change]]


# Deletion is refused to what has expired, so an inactive context whose expiry lay before its last change has expired.
KIND = """
case
    when not c.is_active then case when c.expires_at <= c.updated_at then 'EXPIRED' else 'DELETED' end
    when c.version = 1 then 'CREATED'
    when exists (
        select from context_versions h
        where h.user_id = c.user_id and h.context_id = c.id and h.version = c.version - 1 and not h.is_active
    ) then 'RESTORED'
    else 'UPDATED'
end
"""

# `not in` over what was seen is one hashed lookup for each row; neither of the two is ever null. What has expired and
# was not swept yet is absent, and not told before it is.
LOOK = f"""
select u.id as of_user, now() as at, p.*
from users u left join lateral (
    select {KIND} as kind, {C_COLUMNS} from contexts c
    where c.user_id = u.id
        and (c.updated_at, c.id) > (coalesce($2, now() - $4 * interval '1 second'), $3)
        and (c.id, c.version) not in (select s.id, s.version from unnest($5::uuid[], $6::integer[]) s(id, version))
        and (not c.is_active or {LIVE})
    order by c.updated_at, c.id
    limit $7
) p on true
where u.id = any($1)
"""


async def look(
    db: Database,
    users: Collection[UUID],
    overlap: float,
    *,
    after: TimeKey | None = None,
    seen: Collection[Key] = (),
) -> Seen:
    """What has changed after this place, or within the last `overlap` seconds, but for what was seen already.

    Of each user `AT_ONCE` at most, the earliest first; where it is so many there may be more.
    """
    rows = await db.fetch(
        LOOK,
        list(users),
        after.created_at if after else None,
        after.id if after else NOBODY,
        overlap,
        [id for id, _ in seen],
        [version for _, version in seen],
        AT_ONCE,
    )
    changes: dict[UUID, list[Change]] = {row["of_user"]: [] for row in rows}
    for row in rows:
        if row["kind"] is not None:
            changes[row["of_user"]].append(Change(row["kind"], Context(*row[3:])))
    return Seen(rows[0]["at"] if rows else None, changes)
