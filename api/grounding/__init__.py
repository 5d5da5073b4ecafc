"""From a message to a prompt: what is known is retrieved, ranked, fitted into a token budget, and formatted.

Only `retrieve` touches the database; the rest are plain functions over frozen values.
"""

from __future__ import annotations

from time import perf_counter

from api.grounding.fit import within
from api.grounding.format import formatted, require_room, room_for_contexts
from api.grounding.found import Asked, Found, Grounding, Source
from api.grounding.meaning import Embedded
from api.grounding.observed import prompted, retrieval
from api.grounding.rank import ranked
from api.grounding.retrieve import retrieve
from api.grounding.searcher import Searcher, Tuning
from api.grounding.wanted import Mode, Wanted


async def ground(searcher: Searcher, asked: Asked, recent_turns: int) -> Grounding:
    """The prompt for a message, and the receipt of what went into it."""
    began = perf_counter()
    with retrieval(searcher, "grounding", asked.user_id) as contexts:
        found = await retrieve(searcher, asked, recent_turns)
        contexts.extend(found.contexts())
    made = grounded(asked, found)
    prompted(searcher, asked.user_id, made, began)
    return made


def grounded(asked: Asked, found: Found) -> Grounding:
    """The prompt that these finds make. Raises `BadUserInput` when the budget has no room for the message."""
    require_room(asked.message, asked.budget)
    fitted = within(room_for_contexts(asked.message, asked.budget), ranked(found))
    return formatted(asked, fitted)


__all__ = [
    "Asked",
    "Embedded",
    "Grounding",
    "Mode",
    "Searcher",
    "Source",
    "Tuning",
    "Wanted",
    "ground",
    "grounded",
    "require_room",
]
