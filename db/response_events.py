"""The numbered events of a response, told alike while it runs and after it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from db.errors import Missing
from db.pool import Database
from db.records import ResponseEvent, StandingResponse
from db.response_folding import unfolded

AT_ONCE = 500
"""How many events of a running response are read in one go."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Events in their order. `is_last`: none will come after them."""

    events: Sequence[ResponseEvent]
    is_last: bool = False

    @property
    def is_silent(self) -> bool:
        """Nothing to tell, and more to come."""
        return not self.events and not self.is_last


RUNNING = """
select user_id, response_id, seq, kind, text from response_events
where user_id = $1 and response_id = $2 and seq > $3
order by seq
limit $4
"""

# Of the text and of the ends only what follows event $3; of a response that still runs there is neither.
STANDING = """
select user_id, id, status, grounding is not null as has_begun,
    completed_at is not null as has_ended, cardinality(delta_ends) as deltas,
    coalesce(delta_ends[$3 - 1], 0) as text_from,
    substr(text, 1 + coalesce(delta_ends[$3 - 1], 0)) as text,
    delta_ends[greatest($3, 1):] as delta_ends
from responses
where user_id = $1 and id = $2
"""


async def after(db: Database, user_id: UUID, response_id: UUID, seq: int) -> Stretch:
    """The stored events that follow event `seq`, as many as are read at once. Raises `Missing`."""
    # First as of a running response: if it ends between the two, the second tells all of it.
    rows = await db.fetch(RUNNING, user_id, response_id, seq, AT_ONCE)
    if rows:
        return Stretch([ResponseEvent(*row) for row in rows])
    row = await db.fetchrow(STANDING, user_id, response_id, seq)
    if row is None:
        raise Missing("response")
    standing = StandingResponse(*row)
    if not standing.has_ended:
        return Stretch(())
    return Stretch(list(unfolded(standing, seq)), is_last=True)
