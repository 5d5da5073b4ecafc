"""Summarising the conversations that have outgrown what a prompt holds of them word for word.

After so many new turns a conversation is looked at. What then stands before its newest turns and has not been
summarised is: from the summary so far and those turns, so that it costs the same however long the conversation is.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass
from time import perf_counter

from api import context_types
from api.context_types.summary import Covers, covers
from api.errors import ErrorCode, ModelTimeout, ModelUnavailable
from api.models import Model, Prompt
from api.models.calling import calling
from api.observe import Faulted, Observer, Summarised
from api.refusals import refusal
from api.upkeep import summary_prompt
from api.upkeep.summary_prompt import Sizes
from db import contexts, conversation_growth, summaries
from db.conversation_growth import Claim
from db.errors import StoreError
from db.paging import Page, TimeKey
from db.pool import Database
from db.records import Context, Json

AT_ONCE = 4
"""Conversations that one process summarises at the same time."""

TURNS_AT_ONCE = 50
"""Most turns that one summary takes up; if there are more, another one follows."""

MARGIN_SECONDS = 30.0
"""How much longer than its model may take a conversation stays one process's own."""

AGAIN_AFTER_SECONDS = 30.0
"""How long after a failure it is tried again; twice as long after each further one."""

LONGEST_PAUSE_SECONDS = 6 * 60 * 60.0

_UNSTORABLE = str.maketrans("", "", "\x00" + "".join(map(chr, range(0xD800, 0xE000))))


@dataclass(frozen=True, slots=True)
class Summarising:
    """By whom conversations are summarised, and which: after so many new turns, but for the newest `recent_turns`.

    The model may take so many seconds. The token budget is that of a prompt when nobody names one.
    """

    model: Model
    seconds: float
    after: int
    recent_turns: int
    token_budget: int

    @property
    def sizes(self) -> Sizes:
        return summary_prompt.sizes(self.token_budget)


async def summarise(db: Database, how: Summarising, observe: Observer) -> None:
    """Look at every conversation that has grown enough, until there is none left or one has failed."""
    lease = how.seconds + MARGIN_SECONDS
    well = True
    while well and (claims := await conversation_growth.claim(db, how.after, lease, AT_ONCE)):
        looks = [_looked_at(db, how, claim, observe) for claim in claims]
        well = all(await asyncio.gather(*looks))


async def _looked_at(db: Database, how: Summarising, claim: Claim, observe: Observer) -> bool:
    """Whether it went well. It raises nothing: what has failed is postponed, and observed."""
    began = perf_counter()
    code, turns = None, 0
    try:
        turns = await _brought_up(db, how, claim, observe)
    except Exception as error:  # noqa: BLE001  # a summary that fails harms nobody
        code = refusal(error).code
        if code is ErrorCode.INTERNAL:
            observe(Faulted(str(claim.conversation_id), "summary", error))
        # If the store is away, the claim runs out by itself.
        with suppress(StoreError):
            await conversation_growth.postpone(db, claim, pause(claim.failures))
    if turns or code:
        milliseconds = (perf_counter() - began) * 1000
        observe(
            Summarised(
                str(claim.conversation_id),
                str(claim.user_id),
                how.model.name,
                turns,
                code,
                round(milliseconds, 1),
            )
        )
    return code is None


def pause(failures: int) -> float:
    """Seconds until the next attempt, after so many failures before this one."""
    return min(AGAIN_AFTER_SECONDS * 2.0 ** min(failures, 16), LONGEST_PAUSE_SECONDS)


async def _brought_up(db: Database, how: Summarising, claim: Claim, observe: Observer) -> int:
    """How many turns the summary has taken up. The claim is given back, and comes again if there are more."""
    known = await summaries.by_conversation(db, [claim.conversation])
    summary = known.get(claim.conversation)
    before = covers(summary.content) if summary else None
    turns = await _due(db, how, claim, before)
    if not turns:
        await conversation_growth.settle(db, claim, claim.turns)
        return 0
    prompt, count = summary_prompt.asked(summary, turns, how.sizes)
    last = turns[count - 1]
    text = summary_prompt.bounded(await _written(how, prompt, observe), how.sizes.summary)
    if not text:
        raise ModelUnavailable("The model has written no summary.")
    content = _content(text, before, count, last)
    found_by = context_types.searchable("summary", content)
    version = summary.version if summary else 0
    stored = await summaries.refresh(db, claim.conversation, version, content, found_by)
    is_up = stored is not None and count == len(turns) < TURNS_AT_ONCE
    await conversation_growth.settle(db, claim, claim.turns if is_up else 0)
    return count if stored else 0


async def _due(
    db: Database, how: Summarising, claim: Claim, before: Covers | None
) -> list[Context]:
    """The oldest turns that no summary covers and that do not stand word for word in a prompt, oldest first."""
    after = TimeKey(before.upto, before.last) if before else None
    verbatim = None
    if how.recent_turns:
        newest = await _turns(db, claim, Page(how.recent_turns, newest_first=False, from_end=True))
        if not newest:
            return []
        first = summary_prompt.verbatim(newest, how.sizes.verbatim)[0]
        verbatim = TimeKey(first.created_at, first.id)
    due = Page(TURNS_AT_ONCE, newest_first=False, after=after, before=verbatim)
    return await _turns(db, claim, due)


async def _turns(db: Database, claim: Claim, asked: Page) -> list[Context]:
    found = await contexts.turns_by_conversation(db, [claim.conversation], asked)
    return found.get(claim.conversation, [])


async def _written(how: Summarising, prompt: Prompt, observe: Observer) -> str:
    """What the model writes; it is left once it has said more than twice what there is room for."""
    most = how.sizes.summary * summary_prompt.LONGEST_TOKEN * 2
    text = ""
    try:
        with calling(observe, how.model, "summary") as call:
            async with asyncio.timeout(how.seconds), aclosing(how.model.stream(prompt)) as pieces:
                async for piece in pieces:
                    call.hear(piece)
                    if isinstance(piece, str):
                        text += piece
                    if len(text) > most:
                        break
    except TimeoutError as error:
        raise ModelTimeout(f"The summary took longer than {how.seconds:g} seconds.") from error
    return text.translate(_UNSTORABLE)


def _content(text: str, before: Covers | None, turns: int, last: Context) -> Json:
    covers = {
        "turns": turns + (before.turns if before else 0),
        "upto": last.created_at.isoformat().replace("+00:00", "Z"),
        "last": str(last.id),
    }
    return {"text": text, "covers": covers}
