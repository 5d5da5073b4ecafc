"""Searching for somebody who asks to see what there is."""

from __future__ import annotations

from api.grounding.found import Match
from api.grounding.observed import retrieval
from api.grounding.searcher import Searcher
from api.grounding.wanted import Wanted


async def searched(searcher: Searcher, wanted: Wanted) -> tuple[Match, ...]:
    """What `Searcher.matches` finds, and observed."""
    with retrieval(searcher, "search", wanted.user_id) as contexts:
        matches = await searcher.matches(wanted)
        contexts.extend(match.context for match in matches)
    return matches
