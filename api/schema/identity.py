"""Global ids: opaque to clients, they hold the type, the user and the row.

An id is never trusted: whatever it names is read by user and row together, so a borrowed id finds nothing.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from uuid import UUID

import strawberry

from api.errors import BadUserInput
from db.contexts import Owned
from db.ids import known_id


class Kind(Enum):
    """What an id names; the value is the byte that says so."""

    User = b"U"
    Context = b"C"
    Conversation = b"V"
    Response = b"R"

    def __init__(self, letter: bytes) -> None:
        # An attribute of its own is found several times as fast as `value`.
        self.letter = letter


@dataclass(frozen=True, slots=True)
class Identity:
    """What an id says. For a user, `row` is the user's own id."""

    kind: Kind
    user: UUID
    row: UUID

    @property
    def owned(self) -> Owned:
        return self.user, self.row


def global_id(kind: Kind, user: UUID, row: UUID) -> strawberry.ID:
    """The id that clients see; that of a user names the user once."""
    parts = kind.letter + user.bytes + (b"" if kind is Kind.User else row.bytes)
    return strawberry.ID(urlsafe_b64encode(parts).decode().rstrip("="))


LONGEST = 44
"""Characters of an id."""


def identity(id: str) -> Identity | None:
    """What the id names, or None for what is no id of ours."""
    return _identity(id) if len(id) <= LONGEST else None


@lru_cache(maxsize=4096)
def _identity(id: str) -> Identity | None:
    # What is asked for is asked for again soon.
    try:
        parts = urlsafe_b64decode(id + "=" * (-len(id) % 4))
        kind = Kind(parts[:1])
    except (ValueError, NotBase64):
        return None
    expected = 17 if kind is Kind.User else 33
    if len(parts) != expected:
        return None
    named = Identity(kind, known_id(parts[1:17]), known_id(parts[-16:]))
    # Base64 has several spellings of the same bytes; only ours is an id.
    return named if global_id(kind, named.user, named.row) == id else None


def conversation_of(user: UUID, id: str | None) -> UUID | None:
    """The row of the user's conversation that an input names, if it names one. Raises `BadUserInput`."""
    if id is None:
        return None
    owner, row = named(Kind.Conversation, id)
    if owner != user:
        raise BadUserInput("conversationId names no conversation of this user.")
    return row


def named(kind: Kind, id: str) -> Owned:
    """The user and row that an id of this kind names. Raises `BadUserInput` for any other id."""
    found = identity(id)
    if found is None or found.kind is not kind:
        raise BadUserInput(
            f"{id[:60]!r} is not the id of a {kind.name}; pass an `id` that the graph has given you."
        )
    return found.owned
