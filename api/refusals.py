"""What an error means to a client: every failure on its way out is turned into one of `api.errors` here."""

from __future__ import annotations

from strawberry.pydantic.error import InputValidationError

from api.errors import (
    BadUserInput,
    Conflict,
    Forbidden,
    IdempotencyMismatch,
    Internal,
    NotFound,
    RateLimited,
    Refusal,
    ServiceUnavailable,
    Timeout,
)
from db import errors as store

_NO_USER = "The user does not exist; make it with upsertUser."
_NO_CONVERSATION = "The conversation does not exist, was deleted, or is another user's."

CONSTRAINTS: dict[str, tuple[type[Refusal], str]] = {
    "users_somebody": (Forbidden, "This credential is one user's, and writes no other user."),
    "contexts_user": (NotFound, _NO_USER),
    "conversations_user": (NotFound, _NO_USER),
    "responses_user": (NotFound, _NO_USER),
    "contexts_conversation": (NotFound, _NO_CONVERSATION),
    "responses_conversation": (NotFound, _NO_CONVERSATION),
    "contexts_one_profile": (
        Conflict,
        "The user already has a profile, and there is one for each user; change it with setProfile.",
    ),
    "contexts_one_summary": (
        Conflict,
        "The conversation already has a summary, and there is one for each; change it with updateContext.",
    ),
}
"""What a broken constraint of the database says to a client, by the constraint's name."""

MISSING = {
    "user": _NO_USER,
    "context": "The context does not exist, has expired or was deleted, or is another user's.",
    "conversation": _NO_CONVERSATION,
    "profile": "The user has no profile yet; leave expectedVersion out to make one.",
    "version": "The context has no such version; its versions connection lists what there is.",
    "response": "The response does not exist, or is another user's.",
}
"""What the absence of a thing says to a client, by the noun that the store used."""


def refusal(error: BaseException) -> Refusal:
    """The refusal that a client is shown for this error; `Internal` for all that is a fault of ours."""
    match error:
        case Refusal():
            return error
        case InputValidationError():
            return BadUserInput(str(error))
        case store.StoreError():
            return _of_the_store(error)
        case _:
            return Internal()


def _of_the_store(error: store.StoreError) -> Refusal:
    shown: Refusal = Internal()
    match error:
        case store.Contended():
            shown = ServiceUnavailable(
                "The same is being written by others just now; nothing was changed, try again shortly."
            )
        case store.Unavailable():
            shown = ServiceUnavailable(
                "The database cannot be reached just now; try again shortly."
            )
        case store.TooSlow():
            shown = Timeout("The database took too long; ask for less, or narrow the filter.")
        case store.Stale(noun=noun, current_version=version):
            shown = Conflict(
                f"The {noun} is at version {version}; read it again and repeat your change on that.",
                current_version=version,
            )
        case store.TooMany(noun=noun, limit=limit):
            shown = RateLimited(
                f"The user has {limit} unfinished {noun}s already; wait for one to end, or cancel it.",
                limit=limit,
            )
        case store.KeyReused(operation=operation):
            shown = IdempotencyMismatch(
                f"The idempotency key was used before, for {operation} with another input; "
                "repeat that very input, or use a new key for a new write."
            )
        case store.Missing(noun=noun) if noun in MISSING:
            shown = NotFound(MISSING[noun])
        case store.Violated(constraint=name) if name in CONSTRAINTS:
            kind, message = CONSTRAINTS[name]
            shown = kind(message)
    return shown
