"""Users who are found by words: each begins a word of the external id or of the name."""

from __future__ import annotations

import re

from db.paging import EARLIEST, LATEST, Page
from db.pool import Database
from db.records import User
from db.users import COLUMNS

# What the index holds, word for word; see migration 0011.
WORDS = r"""
to_tsvector('simple'::regconfig, regexp_replace(
    external_id || ' ' || coalesce(name, ''), '[^0-9A-Za-z\u0080-\U0010ffff]+', ' ', 'g'
))
"""

BETWEEN_WORDS = re.compile("[^0-9A-Za-z\u0080-\ud7ff\ue000-\U0010ffff]+")
"""As in the index; and what is no Unicode text is no word either."""

WALKED = 1000
"""Users that are looked at one by one, in the order of the list, before the index is asked for all that match."""


def beginnings(text: str) -> str | None:
    """The words of the text as PostgreSQL's `to_tsquery` takes them, each as a beginning; None without any."""
    words = [word for word in BETWEEN_WORDS.split(text) if any(map(str.isalnum, word))]
    return " & ".join(f"'{word}':*" for word in words) or None


def page_statement(*, descending: bool) -> str:
    """`$1..$4` bounds, `$5` limit, `$6` beginnings of words.

    Where very many match, a page of them is near, and to sort all of them would take long; where few do, to walk to
    them would. `offset 0` keeps the planner, who cannot know which it is, from walking once more.
    """
    way = "desc" if descending else "asc"
    within = "(created_at, id) > ($1, $2) and (created_at, id) < ($3, $4)"
    order = f"order by created_at {way}, id {way}"
    matches = f"{WORDS} @@ to_tsquery('simple', $6)"
    return f"""
with near as materialized (
    select {COLUMNS} from (
        select {COLUMNS} from users where {within} {order} limit {WALKED}
    ) u where {matches} {order} limit $5
), far as (
    select {COLUMNS} from (
        select {COLUMNS} from users where {matches} offset 0
    ) u where {within} and (select count(*) from near) < $5 {order} limit $5
)
select {COLUMNS} from near where (select count(*) from near) = $5
union all
select {COLUMNS} from far
{order}
"""


async def page(db: Database, asked: Page, words: str) -> list[User]:
    """A stretch of the users that match; `words` is what `beginnings` has made."""
    statement = page_statement(descending=asked.descending)
    rows = await db.fetch(statement, *asked.bounds(EARLIEST, LATEST), asked.limit, words)
    return asked.in_order([User(*row) for row in rows])


COUNT = f"select count(*) from users where {WORDS} @@ to_tsquery('simple', $1)"


async def count(db: Database, words: str) -> int:
    row = await db.fetchrow(COUNT, words)
    return row[0] if row else 0
