"""The life of a response as the process that generates it writes it: asked, begun, said, completed.

Every event is a row, and the notification in the same statement says only that there is news. A statement
whose answer was lost may be sent again: it writes nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db import response_folding
from db.contexts import COLUMNS as CONTEXT_COLUMNS
from db.conversation_growth import grown
from db.errors import Missing, TooMany
from db.ids import new_id
from db.notifications import NEWS
from db.pool import Database, Session, Store
from db.records import Json, Response
from db.responses import R_COLUMNS


@dataclass(frozen=True, slots=True)
class NewResponse:
    """What is asked. Without a conversation a new one is begun. `lease` is in seconds; `as_of` None is now."""

    conversation_id: UUID | None
    message: str
    model: str
    budget: int
    lease: float
    as_of: datetime | None = None


# Whoever asks for the same user at the same time waits here, so that the count is of all who came before.
LOCK_USER = "select id from users where id = $1 for no key update"

COUNT_UNFINISHED = """
select count(*) from responses where user_id = $1 and status in ('PENDING', 'STREAMING')
"""

# A conversation that is named has to be this user's and active.
CREATE = f"""
with begun as (
    insert into conversations (user_id, id)
    select $1, $3 where $7
    returning id
), talk as (
    select id from begun
    union all
    select v.id from conversations v
    where v.user_id = $1 and v.id = $3 and v.is_active and not $7
), r as (
    insert into responses (user_id, id, conversation_id, message, model, budget, as_of, lease_until)
    select $1, $2, talk.id, $4, $5, $6, $9, now() + make_interval(secs => $8) from talk
    returning *
)
select {R_COLUMNS} from r
"""


async def create(db: Store, user_id: UUID, new: NewResponse, at_most: int) -> Response:
    """A pending response. Raises `Missing`, and `TooMany` when `at_most` of this user's are unfinished."""
    async with db.transaction() as session:
        if await session.fetchrow(LOCK_USER, user_id) is None:
            raise Missing("user")
        await _require_fewer(session, user_id, at_most)
        row = await session.fetchrow(
            CREATE,
            user_id,
            new_id(),
            new.conversation_id or new_id(),
            new.message,
            new.model,
            new.budget,
            new.conversation_id is None,
            new.lease,
            new.as_of,
        )
    if row is None:
        raise Missing("conversation")
    return Response(*row)


async def _require_fewer(session: Session, user_id: UUID, limit: int) -> None:
    counted = await session.fetchrow(COUNT_UNFINISHED, user_id)
    if counted and counted["count"] >= limit:
        raise TooMany("response", limit)


BEGIN = f"""
with begun as (
    update responses set status = 'STREAMING', grounding = $3, rests_on = $4
    where user_id = $1 and id = $2 and status in ('PENDING', 'STREAMING')
    returning user_id, id
), event as (
    insert into response_events (user_id, response_id, seq, kind)
    select user_id, id, 1, 'STARTED' from begun
    on conflict do nothing
)
select pg_notify('{NEWS}', id::text) from begun
"""


async def begin(
    db: Database, user_id: UUID, response_id: UUID, grounding: Json, rests_on: Sequence[UUID] = ()
) -> None:
    """The model starts on the prompt that the receipt `grounding` holds, made of these contexts; event 1."""
    await _told(db, BEGIN, user_id, response_id, grounding, list(rests_on))


# The update is the lock as well: nobody ends a response while something is being added to it.
APPEND = f"""
with speaking as (
    update responses set first_token_at = coalesce(first_token_at, now()), model = coalesce($5, model)
    where user_id = $1 and id = $2 and status = 'STREAMING'
    returning user_id, id
), event as (
    insert into response_events (user_id, response_id, seq, kind, text)
    select user_id, id, $3, 'DELTA', $4 from speaking
    on conflict do nothing
)
select pg_notify('{NEWS}', id::text) from speaking
"""


async def append(
    db: Database, user_id: UUID, response_id: UUID, seq: int, text: str, model: str | None = None
) -> None:
    """The model has said `text`; event `seq`. `model` is who speaks, if it may not be the one that was asked.

    Raises `Missing` when the response has been ended meanwhile.
    """
    await _told(db, APPEND, user_id, response_id, seq, text, model)


async def _told(db: Database, statement: str, *args: object) -> None:
    if await db.fetchrow(statement, *args) is None:
        raise Missing("response")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a finished response leaves: its size and price, how grounded it is, and the turn that it adds.

    `turn` is the content of a context of type `conversation`, `turn_text` what search finds it by.
    """

    turn: Json
    turn_text: str
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    groundedness: float | None = None


# The turn stands in the conversation where it was asked, however long its answer took.
COMPLETE = f"""
with said as ({response_folding.SAID}), r as (
    update responses set status = 'COMPLETED', completed_at = now(), lease_until = null,
        text = said.text, delta_ends = said.ends, input_tokens = $3, output_tokens = $4,
        cost_usd = $9, groundedness = $10
    from said
    where user_id = $1 and id = $2 and status = 'STREAMING'
    returning responses.*
), gone as ({response_folding.AWAY}), turn as (
    insert into contexts ({CONTEXT_COLUMNS}, search)
    select user_id, $5, conversation_id, 'conversation', $6, '{{}}', created_at, now(), null, true, 1,
        to_tsvector($7::text::regconfig, $8)
    from r
    returning user_id, conversation_id, context_type
), {grown("turn")}, told as (
    select pg_notify('{NEWS}', id::text) from r
)
select {R_COLUMNS} from r, told
"""


async def complete(
    db: Database, user_id: UUID, response_id: UUID, answer: Answer
) -> Response | None:
    """The model has finished: the text, the turn and the end are stored together. None if it had ended before."""
    row = await db.fetchrow(
        COMPLETE,
        user_id,
        response_id,
        answer.input_tokens,
        answer.output_tokens,
        new_id(),
        answer.turn,
        db.language,
        answer.turn_text,
        answer.cost_usd,
        answer.groundedness,
    )
    return Response(*row) if row else None
