"""Finding the contexts that speak of what a message speaks of."""

from __future__ import annotations

from uuid import UUID

from db.contexts import C_COLUMNS
from db.filters import LIVE
from db.pool import Database
from db.records import Context, Match

# The words of the message are ORed: hardly any stored text has all words of a question.
# A lexeme is quoted for `tsquery` by doubling its quotes and backslashes.
MATCHING = f"""
with asked as (
    select string_agg(
        '''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || '''', ' | '
    )::tsquery as query
    from unnest(tsvector_to_array(to_tsvector($2::text::regconfig, $3))) as lexeme
)
select {C_COLUMNS}, ts_rank(c.search, asked.query, 1)::float8 as score
from contexts c, asked
where c.user_id = $1 and c.is_active and {LIVE} and c.search @@ asked.query
    and c.context_type <> 'profile'
order by score desc, c.created_at desc, c.id desc
limit $4
"""


async def matching(db: Database, user_id: UUID, message: str, limit: int) -> list[Match]:
    """The contexts that share words with the message, best first; the profile is not among them."""
    rows = await db.fetch(MATCHING, user_id, db.language, message, limit)
    return [Match(Context(*row[:-1]), row["score"]) for row in rows]
