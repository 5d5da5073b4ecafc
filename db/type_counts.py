"""How many contexts of each type a user has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from db.pool import Database
from db.records import TypeCount

# Those that are active are counted in their index, which knows nothing of their expiry; the few that have expired and
# were not swept yet are taken off.
BY_USERS = """
select a.user_id, a.context_type, a.contexts - coalesce(e.contexts, 0) as contexts
from (
    select c.user_id, c.context_type, count(*) as contexts from contexts c
    where c.user_id = any($1) and c.is_active
    group by c.user_id, c.context_type
) a
left join (
    select c.user_id, c.context_type, count(*) as contexts from contexts c
    where c.user_id = any($1) and c.is_active and c.expires_at <= now()
    group by c.user_id, c.context_type
) e on e.user_id = a.user_id and e.context_type = a.context_type
where a.contexts > coalesce(e.contexts, 0)
order by contexts desc, a.context_type
"""


async def by_users(db: Database, users: Sequence[UUID]) -> dict[UUID, list[TypeCount]]:
    """For each user the types there are contexts of, those with most first. A user without any is absent."""
    counts: dict[UUID, list[TypeCount]] = defaultdict(list)
    for row in await db.fetch(BY_USERS, list(users)):
        counts[row["user_id"]].append(TypeCount(*row))
    return dict(counts)
