"""Finding the contexts that mean what a message means: those whose embeddings lie nearest to its own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

from db.filters import ContextFilter
from db.pool import Database, Row, Session
from db.records import Hit

MOST_DIMENSIONS = 4000
"""What pgvector can index as `halfvec`; larger embeddings are searched one by one."""

COLUMNS = "c.id, c.created_at, 1 - {distance} as score"


def index_name(user_id: UUID, model: str) -> str:
    """The name of the index over one large user's embeddings by a model, if there is one."""
    return f"{_prefix(model)}{user_id.hex}"


def _prefix(model: str) -> str:
    return f"near_{hashlib.sha256(model.encode()).hexdigest()[:16]}_"


def halfvec(vector: Sequence[float]) -> str:
    """A vector as PostgreSQL reads it; `halfvec` keeps three digits and a half."""
    return f"[{','.join(f'{number:.6g}' for number in vector)}]"


# Each part of a distance is a number of its own, so vectors of another length must be told apart before.
STANDING = """
select dimensions, exists (
    select from pg_index
    where indexrelid = to_regclass($3 || replace($1::uuid::text, '-', '')) and indisvalid
) as is_indexed
from embedding_models where model = $2 and not is_forgotten
"""


def exact_statement(condition: str) -> str:
    """`$1` user id, `$2` model, `$3` vector, `$4` limit, then the condition's arguments."""
    # All distances, then the contexts one after the other until there are enough.
    return f"""
select {COLUMNS.format(distance="e.distance")}
from (
    select user_id, context_id, embedding <=> $3::text::halfvec as distance
    from context_embeddings where user_id = $1 and model = $2
    order by distance, context_id desc
) e
join contexts c on c.user_id = e.user_id and c.id = e.context_id
where c.context_type <> 'profile' and {condition}
order by e.distance, e.context_id desc
limit $4
"""


def indexed_statement(condition: str, dimensions: int) -> str:
    """As `exact_statement`, in the words of the index over that many dimensions."""
    distance = f"(e.embedding::halfvec({dimensions})) <=> $3::text::halfvec({dimensions})"
    return f"""
select {COLUMNS.format(distance=f"({distance})")}
from context_embeddings e
join contexts c on c.user_id = e.user_id and c.id = e.context_id
where e.user_id = $1 and e.model = $2 and c.context_type <> 'profile' and {condition}
order by {distance}
limit $4
"""


# For this transaction only. The index is one user's and one model's, so the planner must see their values; it goes on
# until it has found enough that passes the filter.
WIDELY = """
select set_config('plan_cache_mode', 'force_custom_plan', true),
    set_config('hnsw.iterative_scan', 'strict_order', true),
    set_config('hnsw.ef_search', least(greatest(2 * $2::integer, 100), 1000)::text, true)
from users where id = $1
"""


async def nearest(
    db: Database,
    user_id: UUID,
    model: str,
    vector: Sequence[float],
    limit: int,
    wanted: ContextFilter,
) -> list[Hit]:
    """The user's contexts that the model has embedded nearest to the vector, best first; never the profile.

    The score is the cosine, from -1 to 1. Exact, unless the user is so large that there is an index; empty when the
    model stores vectors of another length.
    """
    async with db.session() as session:
        standing = await session.fetchrow(STANDING, user_id, model, _prefix(model))
        if standing is None or standing["dimensions"] != len(vector):
            return []
        condition, args = wanted.condition(first=5)
        asked = (user_id, model, halfvec(vector), limit, *args)
        if not standing["is_indexed"]:
            rows = await session.fetch(exact_statement(condition), *asked)
        else:
            rows = await _through_index(session, indexed_statement(condition, len(vector)), asked)
    return [Hit(*row) for row in rows]


async def _through_index(
    session: Session, statement: str, asked: tuple[object, ...]
) -> Sequence[Row]:
    async with session.together():
        user_id, _, _, limit, *_ = asked
        await session.fetch(WIDELY, user_id, limit)
        return await session.fetch(statement, *asked)
