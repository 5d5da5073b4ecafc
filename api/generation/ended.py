"""The fact that a response has reached its last state, whoever brought it there."""

from __future__ import annotations

from api.observe import ResponseEnded
from db.records import Response


def ended(response: Response) -> ResponseEnded:
    """What is observed of it."""
    took = (response.completed_at or response.created_at) - response.created_at
    return ResponseEnded(
        response_id=str(response.id),
        user_id=str(response.user_id),
        model=response.model,
        status=response.status,
        code=response.error_code,
        duration_ms=round(took.total_seconds() * 1000, 1),
        first_word_ms=_first_word_ms(response),
        groundedness=response.groundedness,
    )


def _first_word_ms(response: Response) -> float | None:
    if response.first_token_at is None:
        return None
    return round((response.first_token_at - response.created_at).total_seconds() * 1000, 1)
