"""The rows of the store as frozen values. The order of the fields is the order of the columns read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

Json = dict[str, Any]
"""A JSON object. Its values are str, int, float, bool, None, lists and objects of these."""


@dataclass(frozen=True, slots=True)
class User:
    id: UUID
    external_id: str
    name: str | None
    metadata: Json
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key without having it. The user is there for the role `USER` only."""

    id: UUID
    prefix: str
    name: str
    role: str
    user_id: UUID | None
    external_id: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Context:
    user_id: UUID
    id: UUID
    conversation_id: UUID | None
    context_type: str
    content: Json
    metadata: Json
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    is_active: bool
    version: int


@dataclass(frozen=True, slots=True)
class ContextVersion:
    """A context as it stood from `valid_from` until `valid_to` (None: it still does)."""

    user_id: UUID
    context_id: UUID
    version: int
    content: Json
    metadata: Json
    is_active: bool
    expires_at: datetime | None
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class TypeCount:
    """How many contexts of a type a user has."""

    user_id: UUID
    context_type: str
    contexts: int


@dataclass(frozen=True, slots=True)
class Conversation:
    user_id: UUID
    id: UUID
    title: str | None
    metadata: Json
    created_at: datetime
    updated_at: datetime
    is_active: bool
    version: int


@dataclass(frozen=True, slots=True)
class Response:
    """A generated answer. `grounding` is its receipt, None until the prompt was made.

    `as_of` is the moment whose contexts it rests on, None for the present; `cost_usd` is None when no price is
    known; `groundedness` is from 0 to 1, None until it is complete; `rating` is from 1 to 5, None until it is rated.
    """

    user_id: UUID
    id: UUID
    conversation_id: UUID
    status: str
    message: str
    text: str
    model: str
    budget: int
    as_of: datetime | None
    grounding: Json | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    groundedness: float | None
    error_code: str | None
    error_message: str | None
    created_at: datetime
    first_token_at: datetime | None
    completed_at: datetime | None
    rating: int | None
    rating_comment: str | None
    rated_at: datetime | None


@dataclass(frozen=True, slots=True)
class ResponseEvent:
    user_id: UUID
    response_id: UUID
    seq: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class StandingResponse:
    """How a response stands, and if it has ended what tells its events, from a certain event on.

    `text_from` is where `text` begins in the whole, `delta_ends` where each delta that is left ends there, all in
    characters; `deltas` counts all of them.
    """

    user_id: UUID
    id: UUID
    status: str
    has_begun: bool
    has_ended: bool
    deltas: int
    text_from: int
    text: str
    delta_ends: Sequence[int]


@dataclass(frozen=True, slots=True)
class Hit:
    """A context that one way of searching has found; greater scores are better, and comparable within that way."""

    id: UUID
    created_at: datetime
    score: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A turn that stands `distance` turns before or after the hit, from 1."""

    hit_id: UUID
    id: UUID
    created_at: datetime
    distance: int


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which objects of a user, and when. Of very many the first are named; `count` is of all."""

    id: UUID
    at: datetime
    actor: str
    action: str
    kind: str
    user_id: UUID | None
    external_id: str | None
    objects: Sequence[UUID]
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an embedding model has still to do.

    `failing` of the `missing` were tried in vain. Until it is walked, contexts from before it are still being added.
    """

    model: str
    is_walked: bool
    missing: int
    failing: int
