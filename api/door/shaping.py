"""How an error looks to a client, over every transport: its message, its place, its code and the request id."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError

from api.errors import BadUserInput, ErrorCode, Refusal
from api.observe import Faulted, Observer
from api.refusals import refusal

LONGEST_MESSAGE = 500
"""In characters."""


def shaped(error: GraphQLError, request_id: str, observe: Observer) -> dict[str, Any]:
    """The error as JSON. One that is ours is observed whole, and shown without its inside."""
    shown = _refusal(error)
    if shown.code is ErrorCode.INTERNAL:
        observe(Faulted(request_id, _where(error), error.original_error or error))
    formatted: dict[str, Any] = {"message": _shortened(str(shown))}
    if error.locations:
        formatted["locations"] = [
            {"line": place.line, "column": place.column} for place in error.locations
        ]
    if error.path is not None:
        formatted["path"] = list(error.path)
    formatted["extensions"] = {**shown.extensions, "requestId": request_id}
    return formatted


def _shortened(message: str) -> str:
    """The message in a bounded length: one that repeats what was sent may be as long as that."""
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 1]}…"


def _refusal(error: GraphQLError) -> Refusal:
    original: BaseException | None = error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    if isinstance(original, GraphQLError):
        # graphql-core's own complaint, or a scalar's: about what the client sent.
        return BadUserInput(original.message)
    return refusal(original or error)


def _where(error: GraphQLError) -> str:
    return ".".join(str(part) for part in error.path or ()) or "operation"


def codes(errors: list[dict[str, Any]]) -> tuple[str, ...]:
    """The codes of shaped errors, each once, for the log line."""
    return tuple(dict.fromkeys(str(error["extensions"]["code"]) for error in errors))
