"""Carrying one response out: ground the message, let the model speak, store what it says."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from api import context_types
from api.errors import ErrorCode, ModelTimeout, Refusal, ResponseInterrupted
from api.generation.batches import batches
from api.generation.ended import ended
from api.generation.patience import patiently
from api.generation.speech import Speech
from api.grounding import Asked, Grounding, Searcher, ground, receipt
from api.grounding.groundedness import groundedness
from api.models import Message, Model, Prompt, Source, Usage
from api.models.calling import Calling, calling
from api.models.extractive import FRAME
from api.observe import (
    OURSELVES,
    By,
    ContextsTouched,
    Faulted,
    Kinds,
    ModelPassedOver,
    Observer,
    during,
    milliseconds,
)
from api.observe.stretches import Answering
from api.refusals import refusal
from db import response_endings, response_writes
from db.pool import Database
from db.records import Response
from db.response_endings import Ending
from db.response_writes import Answer


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one response may take: characters of text, and seconds in all.

    For `pause` seconds what the model says is gathered before it is stored; for `patience` seconds a database
    that is away is waited for.
    """

    seconds: float
    characters: int
    pause: float
    patience: float


@dataclass(frozen=True, slots=True)
class Assignment:
    """What one response is to be: whose row, answered by whom, resting on what, within what bounds."""

    response: Response
    model: Model
    asked: Asked
    recent_turns: int
    bounds: Bounds
    by: By = OURSELVES


async def run(searcher: Searcher, assignment: Assignment, observe: Observer) -> None:
    """Bring the response to its last state, whatever happens. It never raises but when cancelled.

    The connection pool is used step by step: none is held while the model thinks. A response that was ended
    from outside meanwhile stays as it was ended.
    """
    db = searcher.db
    response = assignment.response
    answering = Answering(str(response.id), str(response.user_id), assignment.model.name)
    try:
        with during(observe, answering):
            completed = await _answered(searcher.within(db, assignment.by), assignment, observe)
    except asyncio.CancelledError:
        interrupted = ResponseInterrupted("The server stopped while it was answering; ask again.")
        await asyncio.shield(_failed(db, assignment, interrupted, observe))
        raise
    except Exception as error:  # noqa: BLE001  # whatever it was, the response must end
        shown = refusal(error)
        if shown.code is ErrorCode.INTERNAL:
            observe(Faulted(str(response.id), "generation", error))
        await _failed(db, assignment, shown, observe)
    else:
        if completed:
            observe(ended(completed))


async def _answered(
    searcher: Searcher, assignment: Assignment, observe: Observer
) -> Response | None:
    seconds = assignment.bounds.seconds
    try:
        async with asyncio.timeout(seconds):
            return await _spoken(searcher, assignment, observe)
    except TimeoutError as error:
        raise ModelTimeout(
            f"The answer of {assignment.model.name} took longer than {seconds:g} seconds; "
            "ask again, or ask for less."
        ) from error


async def _spoken(searcher: Searcher, assignment: Assignment, observe: Observer) -> Response | None:
    db, response, bounds = searcher.db, assignment.response, assignment.bounds
    owned = response.user_id, response.id
    grounding = await ground(searcher, assignment.asked, assignment.recent_turns)
    rests_on = [item.candidate.context.id for item in grounding.items if item.included]
    begin = partial(response_writes.begin, db, *owned, receipt.written(grounding), rests_on)
    await patiently(begin, bounds.patience)
    with calling(observe, assignment.model, "answer") as call:
        text = await _said(db, assignment, prompt_of(assignment.asked, grounding), call, observe)
    answer = _answer(response, text, call.usage, grounding)
    began = perf_counter()
    completed = await patiently(
        partial(response_writes.complete, db, *owned, answer), bounds.patience
    )
    if completed:
        observe(_turn_stored(response, milliseconds(began), assignment.by))
    return completed


def _turn_stored(response: Response, duration_ms: float, by: By) -> ContextsTouched:
    stored = response.user_id, Kinds("conversation", 1)
    return ContextsTouched("create", [stored], duration_ms, by)


async def _said(
    db: Database, assignment: Assignment, prompt: Prompt, call: Calling, observe: Observer
) -> str:
    """All that the model says, stored as it comes."""
    response, bounds = assignment.response, assignment.bounds
    speech = Speech(
        assignment.model,
        prompt,
        bounds.characters,
        call,
        lambda other: observe(
            ModelPassedOver(str(response.id), response.model, other.model, other.why)
        ),
    )
    owned = response.user_id, response.id
    said: list[str] = []
    async with aclosing(batches(speech.words(), bounds.pause)) as texts:
        async for text in texts:
            said.append(text)
            append = partial(response_writes.append, db, *owned, len(said) + 1, text, call.model)
            await patiently(append, bounds.patience)
    return "".join(said)


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


def _answer(response: Response, text: str, usage: Usage | None, grounding: Grounding) -> Answer:
    turn = {"role": "assistant", "message": text, "user_message": response.message}
    return Answer(
        turn=turn,
        turn_text=context_types.searchable("conversation", turn),
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=usage.output_tokens if usage else None,
        cost_usd=usage.cost_usd if usage else None,
        groundedness=_groundedness(text, grounding),
    )


def _groundedness(text: str, grounding: Grounding) -> float | None:
    """What of the answer its prompt supports; what a model says of itself rather than of the user is no part of it."""
    for phrase in FRAME:
        text = text.replace(phrase, "\n")
    return groundedness(text, {source.number: source.text for source in grounding.sources})


async def _failed(db: Database, assignment: Assignment, why: Refusal, observe: Observer) -> None:
    response = assignment.response
    end = partial(
        response_endings.end,
        db,
        response.user_id,
        response.id,
        Ending("FAILED", why.code, str(why)),
    )
    try:
        failed = await patiently(end, assignment.bounds.patience)
    except Exception as error:  # noqa: BLE001  # the store is away: its lease runs out, and somebody else ends it
        observe(Faulted(str(response.id), "generation", error))
    else:
        if failed:
            observe(ended(failed))
