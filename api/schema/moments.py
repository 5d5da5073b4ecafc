"""Moments that a client may look back to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from api.errors import BadUserInput

AsOf = Annotated[
    datetime | None,
    strawberry.argument(
        description=(
            "The contexts as they stood at this moment instead of now, deleted or changed since as they may be: "
            "what this server had stored by then counts, whatever `createdAt` says. It must not be in the future."
        )
    ),
]


def past(moment: datetime | None) -> datetime | None:
    """The moment, if there is one. Raises `BadUserInput` for one that is still to come."""
    if moment is not None and moment > datetime.now(UTC):
        raise BadUserInput("asOf is in the future; pass a moment that has passed, or none for now.")
    return moment
