"""Responses as they are read: one by one, and in pages for many conversations or contexts at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from db.contexts import Owned
from db.grouping import grouped
from db.keys import Which, which
from db.paging import EARLIEST, LATEST, Page, way
from db.pool import Database
from db.records import Response

# While it streams, what the model has said so far is in the events; afterwards it is in the row.
R_COLUMNS = """
    r.user_id, r.id, r.conversation_id, r.status, r.message,
    case when r.status = 'STREAMING' then coalesce((
        select string_agg(e.text, '' order by e.seq) from response_events e
        where e.user_id = r.user_id and e.response_id = r.id
    ), '') else r.text end as text,
    r.model, r.budget, r.as_of, r.grounding, r.input_tokens, r.output_tokens, r.cost_usd, r.groundedness,
    r.error_code, r.error_message, r.created_at, r.first_token_at, r.completed_at,
    r.rating, r.rating_comment, r.rated_at
"""


def by_ids_statement(asked: Which) -> str:
    return f"select {R_COLUMNS} from responses r where {asked.sql}"


async def get_many(db: Database, keys: Iterable[Owned]) -> dict[Owned, Response]:
    """The responses that exist, by user and id."""
    asked = which("r", list(keys))
    rows = await db.fetch(by_ids_statement(asked), *asked.args)
    return {(row["user_id"], row["id"]): Response(*row) for row in rows}


def page_by_conversation_statement(talks: Which, asked: Page) -> str:
    """Of which conversations, then the bounds that there are."""
    within, order = asked.within.sql("r", talks.following), way(descending=asked.descending)
    return f"""
select p.* from conversations v cross join lateral (
    select {R_COLUMNS} from responses r
    where {within}r.user_id = v.user_id and r.conversation_id = v.id
    order by r.created_at {order}, r.id {order}
    limit {asked.limit}
) p
where {talks.sql}
"""


async def pages_by_conversation(
    db: Database, conversations: Sequence[Owned], asked: Page
) -> dict[Owned, list[Response]]:
    """For each conversation the same stretch of its responses, in one statement."""
    talks = which("v", conversations)
    statement = page_by_conversation_statement(talks, asked)
    rows = await db.fetch(statement, *talks.args, *asked.within.args)
    responses = (Response(*row) for row in rows)
    return grouped(responses, asked, lambda one: (one.user_id, one.conversation_id))


def count_by_conversation_statement(talks: Which) -> str:
    return f"""
select v.user_id, v.id, p.count from conversations v cross join lateral (
    select count(*) as count from responses r
    where r.user_id = v.user_id and r.conversation_id = v.id
) p
where {talks.sql}
"""


async def counts_by_conversation(db: Database, conversations: Sequence[Owned]) -> dict[Owned, int]:
    talks = which("v", conversations)
    rows = await db.fetch(count_by_conversation_statement(talks), *talks.args)
    return {(row["user_id"], row["id"]): row["count"] for row in rows}


# A response rests on contexts of its own user only: the index leads from a context straight to its responses.
CITING = "r.user_id = c.user_id and r.rests_on @> array[c.id]"


def page_by_context_statement(*, descending: bool, table: str = "responses") -> str:
    """`$1` user ids, `$2` context ids, `$3` limit, `$4..$7` bounds. The context's id, then the response."""
    way = "desc" if descending else "asc"
    return f"""
select c.id as context_id, p.* from contexts c cross join lateral (
    select {R_COLUMNS} from {table} r
    where {CITING}
        and (r.created_at, r.id) > ($4, $5) and (r.created_at, r.id) < ($6, $7)
    order by r.created_at {way}, r.id {way}
    limit $3
) p
where c.user_id = any($1) and c.id = any($2)
"""


async def pages_by_context(
    db: Database, contexts: Sequence[Owned], asked: Page
) -> dict[Owned, list[Response]]:
    """For each context the same stretch of the responses that rest on any version of it, in one statement."""
    users, ids = zip(*contexts, strict=True)
    table = db.scope.seen("responses")
    rows = await db.fetch(
        page_by_context_statement(descending=asked.descending, table=table),
        list(set(users)),
        list(ids),
        asked.limit,
        *asked.bounds(EARLIEST, LATEST),
    )
    citing = ((row["context_id"], Response(*row[1:])) for row in rows)
    pages = grouped(citing, asked, lambda pair: (pair[1].user_id, pair[0]))
    return {owned: [response for _, response in page] for owned, page in pages.items()}


def counts_by_context_statement(table: str = "responses") -> str:
    """`$1` user ids, `$2` context ids."""
    return f"""
select c.user_id, c.id, p.count from contexts c cross join lateral (
    select count(*) as count from {table} r where {CITING}
) p
where c.user_id = any($1) and c.id = any($2)
"""


async def counts_by_context(db: Database, contexts: Sequence[Owned]) -> dict[Owned, int]:
    users, ids = zip(*contexts, strict=True)
    statement = counts_by_context_statement(db.scope.seen("responses"))
    rows = await db.fetch(statement, list(set(users)), list(ids))
    return {(row["user_id"], row["id"]): row["count"] for row in rows}
