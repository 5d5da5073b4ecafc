"""Finding contexts by the words they share with a message, ranked as BM25 does, and what was said beside a find.

An index leads from a word straight to one user's contexts (see `context_terms` in the migrations). How rare a word
is, and how long a text usually is, is counted over all that the user has, whatever the filter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.context_moments import standing
from db.filters import ContextFilter, live
from db.pool import Database
from db.records import Hit, Neighbour


@dataclass(frozen=True, slots=True)
class Bm25:
    """`k1`: how soon saying a word again counts no more. `b`: how much its length is held against a text."""

    k1: float = 1.2
    b: float = 0.75


@dataclass(frozen=True, slots=True)
class Source:
    """Where contexts are read: the present, or as they stood at a moment, which is SQL.

    The past has no index: it is all of one user's contexts, with the terms that their text had then.
    """

    moment: str = "now()"
    table: str = "contexts"
    opening: str = ""


PRESENT = Source()

EITHER_END = 32
"""So many different words at the beginning of a long message and at its end are searched for: there one asks."""


def past(user: str, moment: str) -> Source:
    """The contexts of a user as they stood then; both are SQL."""
    opening = f"""past as materialized (
    select c.*, context_terms(c.user_id, c.search) as terms,
        cardinality(context_terms(c.user_id, c.search)) as term_count
    from {standing(user, moment)} c
), """
    return Source(moment, "past", opening)


def matching_statement(source: Source, condition: str) -> str:
    """`$1` user, `$2` language, `$3` message, `$4` k1, `$5` b, `$6` limit, then what source and condition take.

    A word of the message weighs the more the fewer contexts have it. The words are ORed: hardly any stored text
    has all words of a question.
    """
    return f"""
with {source.opening}words as (
    select lexeme, row_number() over (order by positions[1]) as place, count(*) over () as count
    from unnest(to_tsvector($2::text::regconfig, $3))
), asked as materialized (
    select array(
        select hashtext($1::uuid::text || lexeme) from words
        where place <= {EITHER_END} or place > count - {EITHER_END}
    ) as terms
), known as materialized (
    select count(*)::float8 as contexts, greatest(avg(c.term_count), 1)::float8 as length
    from {source.table} c where c.user_id = $1 and c.is_active and {live(source.moment)}
), said as materialized (
    select c.id, c.created_at, {condition} as wanted, c.term_count, t.term,
        cardinality(array_positions(c.terms, t.term)) as times
    from {source.table} c cross join unnest((select terms from asked)) t(term)
    where c.user_id = $1 and {live(source.moment)} and c.terms && (select terms from asked)
        and t.term = any(c.terms)
), weights as (
    select term, ln(1 + (greatest(k.contexts - count(*), 0) + 0.5) / (count(*) + 0.5)) as weight
    from said cross join known k
    group by term, k.contexts
)
select s.id, s.created_at, sum(
    w.weight * s.times * ($4::float8 + 1)
    / (s.times + $4::float8 * (1 - $5::float8 + $5::float8 * s.term_count / k.length))
)::float8 as score
from said s join weights w using (term) cross join known k
where s.wanted
group by s.id, s.created_at
order by score desc, s.created_at desc, s.id desc
limit $6
"""


async def matching(
    db: Database,
    user_id: UUID,
    message: str,
    bm25: Bm25,
    limit: int,
    wanted: ContextFilter,
    moment: datetime | None = None,
) -> list[Hit]:
    """The user's contexts that share words with the message, best first, now or as they stood at a moment."""
    present = Source(table=db.scope.seen("contexts"))
    source, args = (present, []) if moment is None else (past("$1", "$7"), [moment])
    condition, more = wanted.condition(first=7 + len(args), moment=source.moment)
    rows = await db.fetch(
        matching_statement(source, condition),
        user_id,
        db.language,
        message,
        bm25.k1,
        bm25.b,
        limit,
        *args,
        *more,
    )
    return [Hit(*row) for row in rows]


def neighbours_statement(source: Source, condition: str) -> str:
    """`$1` user, `$2` context ids, `$3` reach, then what source and condition take."""
    turn = f"""
        c.user_id = h.user_id and c.conversation_id = h.conversation_id
        and c.context_type = 'conversation' and {condition}
    """
    return f"""
with {source.opening}hits as (
    select h.user_id, h.id, h.conversation_id, h.created_at
    from {source.table} h
    where h.user_id = $1 and h.id = any($2) and h.context_type = 'conversation'
        and h.conversation_id is not null
)
select h.id as hit_id, n.id, n.created_at, n.distance
from hits h cross join lateral (
    (
        select c.id, c.created_at,
            row_number() over (order by c.created_at desc, c.id desc)::integer as distance
        from {source.table} c
        where {turn} and (c.created_at, c.id) < (h.created_at, h.id)
        order by c.created_at desc, c.id desc
        limit $3
    ) union all (
        select c.id, c.created_at, row_number() over (order by c.created_at, c.id)::integer
        from {source.table} c
        where {turn} and (c.created_at, c.id) > (h.created_at, h.id)
        order by c.created_at, c.id
        limit $3
    )
) n
"""


async def neighbours(
    db: Database,
    user_id: UUID,
    ids: Iterable[UUID],
    reach: int,
    wanted: ContextFilter,
    moment: datetime | None = None,
) -> list[Neighbour]:
    """The turns that stand up to `reach` before and after these in the same conversation."""
    source, args = (PRESENT, []) if moment is None else (past("$1", "$4"), [moment])
    condition, more = wanted.condition(first=4 + len(args), moment=source.moment)
    rows = await db.fetch(
        neighbours_statement(source, condition), user_id, list(ids), reach, *args, *more
    )
    return [Neighbour(*row) for row in rows]
