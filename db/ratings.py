"""What users thought of their answers: a score and perhaps a comment, in the row of the response."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from db.pool import Store
from db.records import Response
from db.responses import R_COLUMNS


@dataclass(frozen=True, slots=True)
class Rating:
    """A `score` from 1, bad, to 5, good; `comment` None where nothing was said."""

    score: int
    comment: str | None = None


RATE = f"""
with r as (
    update responses set rating = $3, rating_comment = $4, rated_at = now()
    where user_id = $1 and id = $2 and completed_at is not null
    returning *
)
select {R_COLUMNS} from r
"""


async def rate(db: Store, user_id: UUID, response_id: UUID, rating: Rating) -> Response | None:
    """The response with this rating, in the place of any before. None if there is none, or it has not ended."""
    row = await db.fetchrow(RATE, user_id, response_id, rating.score, rating.comment)
    return Response(*row) if row else None
