"""How much is kept for a user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from db.filters import LIVE
from db.pool import Database


@dataclass(frozen=True, slots=True)
class Storage:
    """What a user has: `contexts` that are there to be read, and the bytes of all that is kept."""

    user_id: UUID
    contexts: int
    bytes: int


# The size of a value as it is stored, compressed or not, is known without reading it. Every embedding of a model has
# the same size, so that they are counted in their index: there is no row that is read for its vector.
BY_USERS = f"""
select u.id as user_id, c.contexts, c.bytes + v.bytes + e.bytes + r.bytes + s.bytes as bytes
from users u
cross join lateral (
    select count(*) filter (where c.is_active and {LIVE}) as contexts,
        coalesce(sum(
            pg_column_size(c.content) + pg_column_size(c.metadata) + pg_column_size(c.search) + pg_column_size(c.terms)
        ), 0) as bytes
    from contexts c where c.user_id = u.id
) c
cross join lateral (
    select coalesce(sum(
        pg_column_size(h.content) + pg_column_size(h.metadata) + pg_column_size(h.search)
    ), 0) as bytes
    from context_versions h where h.user_id = u.id
) v
cross join lateral (
    select coalesce(sum(n.count * (8 + 2 * m.dimensions)), 0)::bigint as bytes
    from (
        select e.model, count(*) as count from context_embeddings e where e.user_id = u.id group by e.model
    ) n join embedding_models m on m.model = n.model
) e
cross join lateral (
    select coalesce(sum(
        pg_column_size(r.message) + pg_column_size(r.text) + coalesce(pg_column_size(r.grounding), 0)
            + pg_column_size(r.rests_on) + pg_column_size(r.delta_ends)
            + coalesce(pg_column_size(r.rating_comment), 0)
    ), 0) as bytes
    from responses r where r.user_id = u.id
) r
cross join lateral (
    select coalesce(sum(pg_column_size(s.text)), 0) as bytes from response_events s where s.user_id = u.id
) s
where u.id = any($1)
"""


async def by_users(db: Database, users: Sequence[UUID]) -> dict[UUID, Storage]:
    """For each user that there is what is kept, in one statement. It reads all rows of a user's contexts."""
    return {row["user_id"]: Storage(*row) for row in await db.fetch(BY_USERS, list(users))}
