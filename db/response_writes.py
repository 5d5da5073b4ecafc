"""The life of a response, each step one statement: asked, begun, said, and ended one way or the other.

Every event is a row, and the notification in the same statement says only that there is news.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from db.contexts import COLUMNS as CONTEXT_COLUMNS
from db.errors import Missing
from db.notifications import CHANNEL
from db.pool import Database
from db.records import Json, Response
from db.responses import R_COLUMNS

# Without a conversation a new one is begun; with one, it has to be this user's and active.
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
    insert into responses (user_id, id, conversation_id, message, model, budget)
    select $1, $2, talk.id, $4, $5, $6 from talk
    returning *
)
select {R_COLUMNS} from r
"""


async def create(
    db: Database,
    user_id: UUID,
    conversation_id: UUID | None,
    *,
    message: str,
    model: str,
    budget: int,
) -> Response:
    """A pending response. Raises `Missing` for the conversation, `Violated` for an unknown user."""
    row = await db.fetchrow(
        CREATE,
        user_id,
        uuid7(),
        conversation_id or uuid7(),
        message,
        model,
        budget,
        conversation_id is None,
    )
    if row is None:
        raise Missing("conversation")
    return Response(*row)


BEGIN = f"""
with begun as (
    update responses set status = 'STREAMING', grounding = $3
    where user_id = $1 and id = $2 and status = 'PENDING'
    returning user_id, id
), event as (
    insert into response_events (user_id, response_id, seq, kind)
    select user_id, id, 1, 'STARTED' from begun
    returning response_id
)
select pg_notify('{CHANNEL}', response_id::text) from event
"""


async def begin(db: Database, user_id: UUID, response_id: UUID, grounding: Json) -> None:
    """The model starts on the prompt that the receipt `grounding` holds; event 1."""
    await _told(db, BEGIN, user_id, response_id, grounding)


APPEND = f"""
with first as (
    update responses set first_token_at = now()
    where user_id = $1 and id = $2 and first_token_at is null
), event as (
    insert into response_events (user_id, response_id, seq, kind, text)
    values ($1, $2, $3, 'DELTA', $4)
    returning response_id
)
select pg_notify('{CHANNEL}', response_id::text) from event
"""


async def append(db: Database, user_id: UUID, response_id: UUID, seq: int, text: str) -> None:
    """The model has said `text`; event `seq`."""
    await _told(db, APPEND, user_id, response_id, seq, text)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a finished response leaves: its text, its size in tokens, and the turn it adds to the conversation.

    `turn` is the content of a context of type `conversation`, `turn_text` how a model would read it.
    """

    text: str
    turn: Json
    turn_text: str
    input_tokens: int | None = None
    output_tokens: int | None = None


COMPLETE = f"""
with done as (
    update responses set status = 'COMPLETED', text = $4, completed_at = now(),
        input_tokens = $5, output_tokens = $6
    where user_id = $1 and id = $2 and status = 'STREAMING'
    returning user_id, id, conversation_id
), turn as (
    insert into contexts ({CONTEXT_COLUMNS}, search)
    select user_id, $7, conversation_id, 'conversation', $8, '{{}}', now(), now(), null, true, 1,
        to_tsvector($9::text::regconfig, $10)
    from done
), event as (
    insert into response_events (user_id, response_id, seq, kind)
    select user_id, id, $3, 'COMPLETED' from done
    returning response_id
)
select pg_notify('{CHANNEL}', response_id::text) from event
"""


async def complete(
    db: Database, user_id: UUID, response_id: UUID, seq: int, answer: Answer
) -> None:
    """The model has finished: the text, the turn and the last event are stored together."""
    await _told(
        db,
        COMPLETE,
        user_id,
        response_id,
        seq,
        answer.text,
        answer.input_tokens,
        answer.output_tokens,
        uuid7(),
        answer.turn,
        db.language,
        answer.turn_text,
    )


FAIL = f"""
with done as (
    update responses set status = 'FAILED', completed_at = now(),
        error_code = $3, error_message = $4,
        text = coalesce((
            select string_agg(e.text, '' order by e.seq) from response_events e
            where e.user_id = $1 and e.response_id = $2
        ), '')
    where user_id = $1 and id = $2 and status in ('PENDING', 'STREAMING')
    returning user_id, id
), event as (
    insert into response_events (user_id, response_id, seq, kind)
    select user_id, id, 1 + coalesce((
        select max(e.seq) from response_events e where e.user_id = $1 and e.response_id = $2
    ), 0), 'FAILED'
    from done
    returning response_id
)
select pg_notify('{CHANNEL}', response_id::text) from event
"""


async def fail(db: Database, user_id: UUID, response_id: UUID, code: str, message: str) -> None:
    """The response ends here, with the text so far and the reason."""
    await _told(db, FAIL, user_id, response_id, code, message)


async def _told(db: Database, statement: str, *args: object) -> None:
    if await db.fetchrow(statement, *args) is None:
        raise Missing("response")
