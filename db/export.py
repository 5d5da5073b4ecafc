"""All that is kept about one user as lines of JSON, written by PostgreSQL itself: nothing is rounded on the way."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.pool import Session
from db.response_folding import said

COUNTS = """
select u.id, clock_timestamp() as exported_at, 1 as users,
    (select count(*) from conversations where user_id = u.id) as conversations,
    (select count(*) from contexts where user_id = u.id) as contexts,
    (select count(*) from context_versions where user_id = u.id) as versions,
    (select count(*) from responses where user_id = u.id) as responses,
    (select count(*) from conversation_growth where user_id = u.id) as growth
from users u where u.id = $1
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is of a user at the moment of the export: how many rows, by kind of line."""

    exported_at: datetime
    counts: dict[str, int]


async def standing(session: Session, user_id: UUID) -> Standing | None:
    """None if there is no such user."""
    row = await session.fetchrow(COUNTS, user_id)
    if row is None:
        return None
    _, exported_at, *counts = row
    return Standing(exported_at, dict(zip(LINES, counts, strict=True)))


USERS = """
select row_to_json(l)::text as line from (
    select 'user' as kind, external_id, name, metadata, created_at, updated_at
    from users where id = $1
) l
"""

CONVERSATIONS = """
select row_to_json(l)::text as line from (
    select 'conversation' as kind, id, title, metadata, created_at, updated_at, is_active, version
    from conversations where user_id = $1
    order by id
) l
"""


def contexts_statement(*, embedded: bool) -> str:
    """`$1` user. The search text in PostgreSQL's own notation finds the same again, whatever made it."""
    embeddings = """,
        (
            select json_object_agg(e.model, e.embedding::text::json order by e.model)
            from context_embeddings e where e.user_id = c.user_id and e.context_id = c.id
        ) as embeddings"""
    return f"""
select row_to_json(l)::text as line from (
    select 'context' as kind, c.id, c.conversation_id, c.context_type, c.content, c.metadata,
        c.created_at, c.updated_at, c.expires_at, c.is_active, c.version,
        c.search::text as search{embeddings if embedded else ""}
    from contexts c where c.user_id = $1
    order by c.id
) l
"""


# The type is that of the context: it never changes, and search text is made of it as well.
VERSIONS = """
select row_to_json(l)::text as line from (
    select 'version' as kind, h.context_id, h.version, c.context_type, h.content, h.metadata,
        h.is_active, h.expires_at, h.valid_from, h.valid_to, h.search::text as search
    from context_versions h join contexts c on c.user_id = h.user_id and c.id = h.context_id
    where h.user_id = $1
    order by h.context_id, h.version
) l
"""

# One that is not finished is told as far as it has come, as if it ended here.
RESPONSES = f"""
select row_to_json(l)::text as line from (
    select 'response' as kind, r.id, r.conversation_id, r.status, r.message,
        case when r.completed_at is null then said.text else r.text end as text,
        r.model, r.budget, r.as_of, r.grounding, r.rests_on, r.input_tokens, r.output_tokens,
        r.cost_usd, r.groundedness,
        case when r.completed_at is null then said.ends else r.delta_ends end as delta_ends,
        r.error_code, r.error_message, r.created_at, r.first_token_at, r.completed_at,
        r.rating, r.rating_comment, r.rated_at
    from responses r cross join lateral ({said("r.user_id", "r.id")}) said
    where r.user_id = $1
    order by r.id
) l
"""

GROWTH = """
select row_to_json(l)::text as line from (
    select 'growth' as kind, conversation_id, turns
    from conversation_growth where user_id = $1
    order by conversation_id
) l
"""

LINES = {
    "user": USERS,
    "conversation": CONVERSATIONS,
    "context": contexts_statement(embedded=False),
    "version": VERSIONS,
    "response": RESPONSES,
    "growth": GROWTH,
}
"""The kinds of lines in their order: each refers only to what stands before it."""


async def lines(
    session: Session, user_id: UUID, *, embedded: bool
) -> AsyncGenerator[tuple[str, str]]:
    """The kind of each row and the row as a line; `embedded` with the embeddings of the contexts."""
    statements = LINES | {"context": contexts_statement(embedded=embedded)}
    for kind, statement in statements.items():
        async for row in session.stream(statement, user_id):
            yield kind, row["line"]
