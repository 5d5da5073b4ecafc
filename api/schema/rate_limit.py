"""How much a caller may still ask."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.schema.info import Info


@strawberry.type(description="How much a caller may still ask in this window of time, by cost.")
class RateLimit:
    limit: int = strawberry.field(description="The cost of all that may be asked in a window.")
    remaining: int = strawberry.field(
        description="What is left of it. The operation that asks has been taken off as it could cost at most."
    )
    reset_at: datetime = strawberry.field(description="When there is as much as the limit again.")


async def standing(info: Info) -> RateLimit | None:
    """How the viewer stands; None where there is no limit."""
    found = await info.context.rates.standing(info.context.viewer)
    if found is None:
        return None
    return RateLimit(limit=found.limit, remaining=found.remaining, reset_at=found.reset_at)
