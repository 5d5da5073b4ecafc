"""A user's rows as they come in from a file of lines, each as `db.export` writes it.

PostgreSQL reads the lines itself. What stands already stays as it is: a row is stored once, however often it comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from db.conversation_growth import grown
from db.errors import StoreError, Violated
from db.planning import PLANNED_ONCE
from db.pool import Session
from db.response_endings import Ending

Sql = Mapping[str, str]
"""By the name of a column: its type, or an expression."""


def _intake(
    table: str,
    line: Sql,
    key: Sequence[str],
    *,
    owner: str = "user_id",
    altered: Sql | None = None,
    source: str = "unnest($2::text[]) t(line)",
    condition: str = "true",
    returning: str = "",
    then: str = "",
) -> str:
    """`$1` user, `$2` lines, then what the parts take. Gives what was stored, and how many stood there just the same.

    `altered` are expressions over the line `r`, for columns that are not stored as they come. The first of the `key`
    names what was stored.
    """
    columns = ", ".join(line)
    # Looked for before anything is inserted, for columns that are computed are so for each row, stored or not.
    there = f"s.{owner} = $1 and " + " and ".join(f"s.{name} = n.{name}" for name in key)
    values = ", ".join(f"{(altered or {}).get(name, f'r.{name}')} as {name}" for name in line)
    return f"""
with n as (
    select {values}
    from {source} cross join lateral jsonb_to_record(t.line::jsonb)
        r({", ".join(f"{name} {kind}" for name, kind in line.items())})
), made as (
    insert into {table} ({owner}, {columns})
    select $1, {columns} from n
    where {condition} and not exists (select from {table} s where {there})
    on conflict do nothing
    returning {returning or key[0]}
){then}
select array(select {key[0]} from made) as made, (
    select count(*) from n join {table} s on {there}
    where row({", ".join(f"s.{name}" for name in line)})
        is not distinct from row({", ".join(f"n.{name}" for name in line)})
) as same
"""


# `$3` is the external id that the user gets here.
USERS = _intake(
    "users",
    {
        "external_id": "text", "name": "text", "metadata": "jsonb",
        "created_at": "timestamptz", "updated_at": "timestamptz",
    },
    key=["external_id"],
    owner="id",
    altered={"external_id": "$3::text"},
)  # fmt: skip

CONVERSATIONS = _intake(
    "conversations",
    {
        "id": "uuid", "title": "text", "metadata": "jsonb", "created_at": "timestamptz",
        "updated_at": "timestamptz", "is_active": "boolean", "version": "integer",
    },
    key=["id"],
)  # fmt: skip

# `$3` are the texts to be found by and `$4` the language to read them in; without one, search text is taken as it is.
_FOUND = "unnest($2::text[], $3::text[]) t(line, text)"
_SEARCH = {
    "search": "case when $4::text is null then r.search else to_tsvector($4::text::regconfig, t.text) end"
}

# The growth of a conversation comes with the file. Where it stands already, there is more of it now.
CONTEXTS = _intake(
    "contexts",
    {
        "id": "uuid", "conversation_id": "uuid", "context_type": "text", "content": "jsonb", "metadata": "jsonb",
        "created_at": "timestamptz", "updated_at": "timestamptz", "expires_at": "timestamptz",
        "is_active": "boolean", "version": "integer", "search": "tsvector",
    },
    key=["id"],
    altered=_SEARCH,
    source=f"{PLANNED_ONCE} cross join {_FOUND}",
    returning="id, user_id, conversation_id, context_type, is_active",
    then=f""", more as (
    select m.user_id, m.conversation_id, m.context_type
    from made m join conversation_growth g using (user_id, conversation_id)
    where m.is_active
), {grown("more")}""",
)  # fmt: skip

# Of a context that stands here with another past, or not at all, there is no version to add.
VERSIONS = _intake(
    "context_versions",
    {
        "context_id": "uuid", "version": "integer", "content": "jsonb", "metadata": "jsonb", "is_active": "boolean",
        "expires_at": "timestamptz", "valid_from": "timestamptz", "valid_to": "timestamptz", "search": "tsvector",
    },
    key=["context_id", "version"],
    altered=_SEARCH,
    source=_FOUND,
    condition="""exists (
        select from contexts c where c.user_id = $1 and c.id = n.context_id and c.version > n.version
    )""",
)  # fmt: skip

# Nobody here works on what was not finished: it ends at the moment `$3` of its export, as `$4`, `$5` and `$6` say.
RESPONSES = _intake(
    "responses",
    {
        "id": "uuid", "conversation_id": "uuid", "status": "text", "message": "text", "text": "text",
        "model": "text", "budget": "integer", "as_of": "timestamptz", "grounding": "jsonb", "rests_on": "uuid[]",
        "input_tokens": "integer", "output_tokens": "integer", "cost_usd": "double precision",
        "groundedness": "double precision", "delta_ends": "integer[]", "error_code": "text",
        "error_message": "text", "created_at": "timestamptz", "first_token_at": "timestamptz",
        "completed_at": "timestamptz", "rating": "smallint", "rating_comment": "text", "rated_at": "timestamptz",
    },
    key=["id"],
    altered={
        "status": "case when r.completed_at is null then $4::text else r.status end",
        "error_code": "case when r.completed_at is null then $5::text else r.error_code end",
        "error_message": "case when r.completed_at is null then $6::text else r.error_message end",
        "completed_at": "coalesce(r.completed_at, $3::timestamptz)",
    },
)  # fmt: skip

GROWTH = _intake(
    "conversation_growth",
    {"conversation_id": "uuid", "turns": "integer"},
    key=["conversation_id"],
)

# Whoever embeds finds nothing left to do. A model that is not wanted here, or makes vectors of another length, is not
# that model.
EMBEDDINGS = """
with n as (
    select (t.line::jsonb ->> 'id')::uuid as context_id, e.key as model, e.value::text::halfvec as embedding
    from unnest($2::text[]) t(line) cross join lateral jsonb_each(t.line::jsonb -> 'embeddings') e
    where (t.line::jsonb ->> 'id')::uuid = any($3)
), done as (
    delete from unembedded u
    using n join embedding_models m on m.model = n.model and not m.is_forgotten
        and m.dimensions = vector_dims(n.embedding)
    where u.user_id = $1 and u.context_id = n.context_id and u.model = n.model
    returning u.context_id, u.model, n.embedding
)
insert into context_embeddings (user_id, context_id, model, embedding)
select $1, context_id, model, embedding from done
on conflict do nothing
returning context_id
"""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who arrives, and how. `language` is what search text is to be made anew in; None where it is taken as it is.

    What was unfinished at the moment of the export ends then, as `interrupted`.
    """

    user_id: UUID
    external_id: str
    exported_at: datetime
    interrupted: Ending
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line. `text` is what its search text is made of if it is to be made anew."""

    number: int
    line: str
    text: str | None = None
    has_embeddings: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows were stored, stood there just the same, and stood there with other content, which was kept."""

    stored: int = 0
    same: int = 0
    kept: int = 0
    embedded: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.stored + other.stored,
            self.same + other.same,
            self.kept + other.kept,
            self.embedded + other.embedded,
        )


class Unfit(StoreError):
    """The store does not take a row; `number` is that of its line."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number = number


_NOT_TAKEN = (
    Violated,
    asyncpg.DataError,
    asyncpg.PostgresSyntaxError,
    asyncpg.ProgramLimitExceededError,
)


async def store(session: Session, to: Arrival, kind: str, rows: Sequence[Row]) -> Tally:
    """Add what is not there yet. Raises `Unfit`."""
    try:
        async with session.together():
            return await _stored(session, to, kind, rows)
    except _NOT_TAKEN as error:
        if len(rows) == 1:
            raise Unfit(rows[0].number, f"the store refuses it: {error}") from error
    # One by one, to find out which it was.
    tally = Tally()
    for row in rows:
        tally += await store(session, to, kind, [row])
    return tally


async def _stored(session: Session, to: Arrival, kind: str, rows: Sequence[Row]) -> Tally:
    statement, more = _how(to, kind, rows)
    lines = [row.line for row in rows]
    stored = await session.fetchrow(statement, to.user_id, lines, *more)
    made, same = stored or ([], 0)
    with_embeddings = [row.line for row in rows if row.has_embeddings]
    embedded = (
        await session.fetch(EMBEDDINGS, to.user_id, with_embeddings, made)
        if with_embeddings and made
        else ()
    )
    return Tally(len(made), same, len(rows) - len(made) - same, len(embedded))


def _how(to: Arrival, kind: str, rows: Sequence[Row]) -> tuple[str, Sequence[object]]:
    """The statement for a kind of lines, and what it takes beside the user and the lines."""
    found = [row.text for row in rows], to.language
    ended = to.interrupted
    hows: dict[str, tuple[str, Sequence[object]]] = {
        "user": (USERS, (to.external_id,)),
        "conversation": (CONVERSATIONS, ()),
        "context": (CONTEXTS, found),
        "version": (VERSIONS, found),
        "response": (RESPONSES, (to.exported_at, ended.status, ended.code, ended.message)),
        "growth": (GROWTH, ()),
    }
    return hows[kind]
