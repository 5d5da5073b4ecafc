"""Carrying one response out: ground the message, let the model speak, store what it says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import perf_counter

from api import context_types
from api.errors import ErrorCode, ModelTimeout, Refusal, ResponseInterrupted
from api.grounding import Asked, Grounding, ground, receipt
from api.models import Message, Model, Prompt, Source, Usage
from api.observe import Faulted, Observer, ResponseEnded
from api.refusals import refusal
from db import response_writes
from db.pool import Database
from db.records import Response


@dataclass(frozen=True, slots=True)
class Assignment:
    """What one response is to be: whose row, answered by whom, resting on what, in how many seconds."""

    response: Response
    model: Model
    asked: Asked
    recent_turns: int
    seconds: float


async def run(db: Database, assignment: Assignment, observe: Observer) -> None:
    """Bring the response to its last state, whatever happens. It never raises but when cancelled.

    The connection pool is used step by step: none is held while the model thinks.
    """
    began = perf_counter()
    try:
        await _answered(db, assignment)
    except asyncio.CancelledError:
        interrupted = ResponseInterrupted("The server stopped while it was answering; ask again.")
        await asyncio.shield(_failed(db, assignment, interrupted, observe, began))
        raise
    except Exception as error:  # noqa: BLE001  # whatever it was, the response must end
        shown = refusal(error)
        if shown.code is ErrorCode.INTERNAL:
            observe(Faulted(str(assignment.response.id), "generation", error))
        await _failed(db, assignment, shown, observe, began)
    else:
        _observed(assignment, "COMPLETED", None, observe, began)


async def _answered(db: Database, assignment: Assignment) -> None:
    try:
        async with asyncio.timeout(assignment.seconds):
            await _spoken(db, assignment)
    except TimeoutError as error:
        raise ModelTimeout(
            f"The answer took longer than {assignment.seconds:g} seconds; ask again, or ask for less."
        ) from error


async def _spoken(db: Database, assignment: Assignment) -> None:
    response = assignment.response
    owned = response.user_id, response.id
    grounding = await ground(db, assignment.asked, assignment.recent_turns)
    await response_writes.begin(db, *owned, receipt.written(grounding))
    seq, text, usage = 1, "", None
    async for piece in assignment.model.stream(prompt_of(assignment.asked, grounding)):
        if isinstance(piece, Usage):
            usage = piece
        elif piece:
            seq, text = seq + 1, text + piece
            await response_writes.append(db, *owned, seq, piece)
    await response_writes.complete(db, *owned, seq + 1, _answer(response, text, usage))


def prompt_of(asked: Asked, grounding: Grounding) -> Prompt:
    """The grounding as a model takes it."""
    return Prompt(
        messages=tuple(Message(message.role, message.text) for message in grounding.prompt),
        sources=tuple(
            Source(source.number, source.context_type, source.text, source.created_at)
            for source in grounding.sources
        ),
        message=asked.message,
    )


def _answer(response: Response, text: str, usage: Usage | None) -> response_writes.Answer:
    turn = {"role": "assistant", "message": text, "user_message": response.message}
    return response_writes.Answer(
        text=text,
        turn=turn,
        turn_text=context_types.rendered("conversation", turn),
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
    )


async def _failed(
    db: Database, assignment: Assignment, why: Refusal, observe: Observer, began: float
) -> None:
    response = assignment.response
    try:
        await response_writes.fail(db, response.user_id, response.id, why.code, str(why))
    except Exception as error:  # noqa: BLE001  # the store is away: the row stays as it was
        observe(Faulted(str(response.id), "generation", error))
    _observed(assignment, "FAILED", why.code, observe, began)


def _observed(
    assignment: Assignment, status: str, code: str | None, observe: Observer, began: float
) -> None:
    observe(
        ResponseEnded(
            response_id=str(assignment.response.id),
            user_id=str(assignment.response.user_id),
            model=assignment.model.name,
            status=status,
            code=code,
            duration_ms=round((perf_counter() - began) * 1000, 1),
        )
    )
