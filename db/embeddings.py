"""Which models contexts are embedded by, what still waits for it, and what has been made.

A row of `unembedded` is claimed by moving its `due_at` to the end of a lease. That moment is the claim's token: when
the text changes, or the lease runs out and another claims the row, it moves again, and what was made under the old
token is not stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.contexts import Owned
from db.filters import LIVE
from db.pool import Database
from db.records import Waiting
from db.semantic import halfvec

# A model that is wanted again while it is being forgotten begins anew.
WANT = """
insert into embedding_models as m (model, wanted_until) values ($1, now() + $2 * interval '1 second')
on conflict (model) do update set
    wanted_until = greatest(m.wanted_until, excluded.wanted_until),
    horizon = case when not m.is_forgotten then m.horizon end,
    walked_user = case when m.is_forgotten then excluded.walked_user else m.walked_user end,
    walked_context = case when m.is_forgotten then excluded.walked_context else m.walked_context end,
    is_walked = m.is_walked and not m.is_forgotten,
    is_forgotten = false
"""

# Not together with WANT: whoever writes from here on has to see the model.
SET_HORIZON = """
update embedding_models set horizon = pg_snapshot_xmax(pg_current_snapshot())
where model = $1 and horizon is null and not is_forgotten
"""


async def want(db: Database, model: str, seconds: float) -> None:
    """Have every context embedded by the model, those that are there and those to come, for at least so long."""
    await db.fetch(WANT, model, seconds)
    await db.fetch(SET_HORIZON, model)


# Those who wrote before the model was there to be seen have all ended, so this sees what they stored.
WALK = f"""
with walking as (
    select model, walked_user, walked_context from embedding_models
    where model = $1 and not is_walked and not is_forgotten
        and horizon <= pg_snapshot_xmin(pg_current_snapshot())
    for update skip locked
), batch as (
    select c.* from walking w cross join lateral (
        select c.user_id, c.id, c.is_active and c.context_type <> 'profile' and {LIVE} as is_wanted
        from contexts c
        where (c.user_id, c.id) > (w.walked_user, w.walked_context)
        order by c.user_id, c.id
        limit $2
    ) c
), queued as (
    insert into unembedded (user_id, context_id, model, is_backlog)
    select b.user_id, b.id, $1, true from batch b
    where b.is_wanted and not exists (
        select from context_embeddings e
        where e.user_id = b.user_id and e.context_id = b.id and e.model = $1
    )
    on conflict do nothing
), last as (
    select user_id, id from batch order by user_id desc, id desc limit 1
)
update embedding_models m set
    walked_user = coalesce(last.user_id, m.walked_user),
    walked_context = coalesce(last.id, m.walked_context),
    is_walked = last.id is null
from walking w left join last on true
where m.model = w.model
returning m.is_walked
"""


async def walk(db: Database, model: str, limit: int) -> bool:
    """Queue the next so many contexts from before the model; false when there is nothing to do now."""
    row = await db.fetchrow(WALK, model, limit)
    return row is not None and not row["is_walked"]


@dataclass(frozen=True, slots=True)
class Claim:
    """Contexts that are this process's to embed until `due_at`."""

    model: str
    due_at: datetime
    keys: Sequence[Owned]


CLAIM = """
with due as (
    select user_id, context_id from unembedded
    where model = $1 and is_tried = $2 and due_at <= now()
    order by is_backlog, due_at
    limit $3
    for update skip locked
)
update unembedded u set
    due_at = now() + $4 * interval '1 second', is_tried = true, attempts = u.attempts + 1
from due
where u.user_id = due.user_id and u.context_id = due.context_id and u.model = $1
returning u.user_id, u.context_id, u.due_at
"""


async def claim(
    db: Database, model: str, limit: int, seconds: float, *, again: bool
) -> Claim | None:
    """Take what is new, or `again` what was tried before, for so many seconds; None when nothing waits.

    The contexts have to be read after this, by a statement of their own: what changes from then on moves the claim.
    """
    rows = await db.fetch(CLAIM, model, again, limit, seconds)
    if not rows:
        return None
    return Claim(model, rows[0]["due_at"], [(row["user_id"], row["context_id"]) for row in rows])


KEEP = """
with done as (
    delete from unembedded u
    using unnest($3::uuid[], $4::uuid[], $5::text[]) as n (user_id, context_id, embedding)
    where u.user_id = n.user_id and u.context_id = n.context_id and u.model = $1 and u.due_at = $2
    returning u.user_id, u.context_id, n.embedding
)
insert into context_embeddings (user_id, context_id, model, embedding)
select user_id, context_id, $1, embedding::halfvec from done where embedding is not null
on conflict (user_id, context_id, model) do update set embedding = excluded.embedding
"""


async def keep(db: Database, claim: Claim, made: Mapping[Owned, Sequence[float] | None]) -> None:
    """Store what was made of the claim, where it still holds; None for what needs no embedding."""
    vectors = [None if vector is None else halfvec(vector) for vector in made.values()]
    await db.fetch(KEEP, claim.model, claim.due_at, *_columns(list(made)), vectors)


@dataclass(frozen=True, slots=True)
class Pause:
    """How long to wait, in seconds: twice as long after each failure in a row."""

    first: float
    longest: float

    def after(self, failures: int) -> float:
        return min(self.first * 2.0 ** min(failures - 1, 20), self.longest)


PUT_OFF = """
update unembedded u set
    due_at = now() + least($5 * power(2, least(u.attempts - 1, 20)), $6) * interval '1 second',
    error = $7
from unnest($3::uuid[], $4::uuid[]) as n (user_id, context_id)
where u.user_id = n.user_id and u.context_id = n.context_id and u.model = $1 and u.due_at = $2
"""


async def put_off(
    db: Database, claim: Claim, keys: Sequence[Owned], why: str, pause: Pause
) -> None:
    """Try these of the claim again later."""
    await db.fetch(
        PUT_OFF, claim.model, claim.due_at, *_columns(keys), pause.first, pause.longest, why
    )


AGREE = """
update embedding_models set dimensions = coalesce(dimensions, $2::integer) where model = $1
returning dimensions
"""


async def agreed_dimensions(db: Database, model: str, dimensions: int) -> int:
    """How many dimensions the model's embeddings have; the first that are made decide."""
    row = await db.fetchrow(AGREE, model, dimensions)
    return int(row["dimensions"]) if row else dimensions


WAITING = """
select m.model, m.is_walked, count(u.model) as missing, count(u.error) as failing
from embedding_models m left join unembedded u on u.model = m.model
where not m.is_forgotten
group by m.model
order by m.model
"""


async def waiting(db: Database) -> list[Waiting]:
    """What each model has still to embed."""
    return [Waiting(*row) for row in await db.fetch(WAITING)]


COUNT = "select count(*) as count from context_embeddings where model = $1"


async def count(db: Database, model: str) -> int:
    """How many contexts are embedded by the model; reads an index from end to end."""
    row = await db.fetchrow(COUNT, model)
    return int(row["count"]) if row else 0


def _columns(keys: Sequence[Owned]) -> tuple[list[UUID], list[UUID]]:
    return [user for user, _ in keys], [id for _, id in keys]
