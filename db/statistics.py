"""What there is in the whole store. Where a table is large, PostgreSQL's own estimates stand for the numbers."""

from __future__ import annotations

from dataclasses import dataclass

from db import storage
from db.pool import Database
from db.storage import Storage

EXACT_BELOW = 100_000
"""Rows below which a table is counted; to count more takes longer than anybody should wait for."""

MOST_LARGEST = 10


@dataclass(frozen=True, slots=True)
class Statistics:
    """The rows of three tables, deleted ones included; the `bytes` of all tables and their indexes on disk.

    With `is_estimated` a number of rows is an estimate. `average_rating` is exact, None while nothing is rated.
    """

    users: int
    contexts: int
    responses: int
    bytes: int
    average_rating: float | None
    is_estimated: bool


# As PostgreSQL's planner does: as many rows on a page as at the last look, and as many pages as there are now. A table
# that was never looked at is taken for empty, and so is counted.
ESTIMATED = """
select c.relname::text as name,
    (
        greatest(c.reltuples, 0) / greatest(c.relpages, 1)
        * (pg_relation_size(c.oid) / current_setting('block_size')::integer)
    )::bigint as rows
from pg_class c where c.oid in ('users'::regclass, 'contexts'::regclass, 'responses'::regclass)
"""

# A table that need not be counted is not: PostgreSQL looks at a subquery only when its value is wanted.
STATISTICS = f"""
with estimated as (
    select max(t.rows) filter (where t.name = 'users') as of_users,
        max(t.rows) filter (where t.name = 'contexts') as of_contexts,
        max(t.rows) filter (where t.name = 'responses') as of_responses
    from ({ESTIMATED}) t
)
select
    case when of_users < $1 then (select count(*) from users) else of_users end as users,
    case when of_contexts < $1 then (select count(*) from contexts) else of_contexts end as contexts,
    case when of_responses < $1 then (select count(*) from responses) else of_responses end as responses,
    (
        select sum(pg_total_relation_size(c.oid))::bigint from pg_class c
        where c.relkind = 'r' and c.relnamespace = (
            select relnamespace from pg_class where oid = 'users'::regclass
        )
    ) as bytes,
    (select avg(rating)::double precision from responses where rating is not null) as average_rating,
    greatest(of_users, of_contexts, of_responses) >= $1 as is_estimated
from estimated
"""


async def measured(db: Database, exact_below: int = EXACT_BELOW) -> Statistics:
    """What there is now, in one statement."""
    row = await db.fetchrow(STATISTICS, exact_below)
    assert row is not None  # noqa: S101  # it always gives one
    return Statistics(*row)


LARGEST_COUNTED = """
select c.user_id from contexts c group by c.user_id order by count(*) desc, c.user_id limit $1
"""

# Those that the planner's sample has often; who is not among them has not much more than anybody else.
LARGEST_SAMPLED = """
select v.user_id from pg_stats s
cross join lateral unnest(s.most_common_vals::text::uuid[], s.most_common_freqs) v(user_id, frequency)
where s.schemaname = (
        select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.oid = 'contexts'::regclass
    )
    and s.tablename = 'contexts' and s.attname = 'user_id'
order by v.frequency desc, v.user_id limit $1
"""


async def largest(
    db: Database, most: int = MOST_LARGEST, exact_below: int = EXACT_BELOW
) -> list[Storage]:
    """The users with the most contexts, the largest first, and what is kept for each."""
    estimated = {row["name"]: row["rows"] for row in await db.fetch(ESTIMATED)}
    is_large = estimated["contexts"] >= exact_below
    rows = await db.fetch(LARGEST_SAMPLED if is_large else LARGEST_COUNTED, most)
    found: list[Storage] = []
    # One by one: there may be very much of each, and nobody else should wait for all of it.
    for row in rows:
        found += (await storage.by_users(db, [row["user_id"]])).values()
    return sorted(found, key=lambda one: one.contexts, reverse=True)
