"""Ratings in the graph: what users thought of their answers."""

from __future__ import annotations

from datetime import datetime

import strawberry

from db import records


@strawberry.type(description="What a user thought of an answer.")
class Rating:
    score: int = strawberry.field(description="From 1, bad, to 5, good.")
    comment: str | None = strawberry.field(description="What was said with it; null: nothing.")
    created_at: datetime = strawberry.field(
        description="When it was given; a later one replaces it."
    )


def shown(record: records.Response) -> Rating | None:
    """The rating of a response, if it has one."""
    if record.rating is None or record.rated_at is None:
        return None
    return Rating(score=record.rating, comment=record.rating_comment, created_at=record.rated_at)
