"""What is observed of requests and operations, and of what they take.

What each operation has is a named tuple, which is made in a third of the time of a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID


class By(NamedTuple):
    """For whom something is done: the request, and who has sent it, by the name of the credential.

    `user_id` is the user that the credential speaks for; None for a service.
    """

    request_id: str
    principal: str
    user_id: str | None = None


OURSELVES = By("", "system")
"""Nobody has asked for it."""


class Spent(NamedTuple):
    """What an operation has taken. Times are in milliseconds.

    `cost` is what it was charged, `statements` those of its own, `waited_ms` for connections of the pool.
    """

    cost: int = 0
    statements: int = 0
    database_ms: float = 0.0
    waited_ms: float = 0.0


class OperationEnded(NamedTuple):
    """A GraphQL operation was answered, or refused before it began (`kind` is then None)."""

    by: By
    transport: str
    """`http`, `sse` or `websocket`."""
    kind: str | None
    """`query`, `mutation` or `subscription`."""
    name: str | None
    codes: tuple[str, ...]
    """`extensions.code` of each error; empty when all went well."""
    duration_ms: float
    spent: Spent
    document: str | None
    """SHA-256 of the text, as persisted queries have it."""


@dataclass(frozen=True, slots=True)
class RequestRefused:
    """A request was refused before there was an operation: no credential, nothing that can be read, no place."""

    request_id: str
    transport: str
    status: int
    code: str


@dataclass(frozen=True, slots=True)
class LimitHit:
    """Somebody has come upon a limit and is refused."""

    limit: str
    """`cost` or `generations` in a window; or so many at once: `operations`, `subscriptions`, `sockets`,
    `socket_operations`, `responses` of the process, `user_responses`."""


class Kinds(NamedTuple):
    """The types of contexts of one user, separated by commas, and how many contexts they are; empty for none."""

    context_type: str
    count: int  # type: ignore[assignment]  # a tuple's own `count` nobody asks for


class ContextsTouched(NamedTuple):
    """Contexts were read, searched or written in one go, for an operation or for an answer."""

    operation: str
    """`read`, `search`, `ground`, `create`, `update`, `delete` or `restore`."""
    each: Sequence[tuple[UUID, Kinds]]
    """The users, each once, with what was touched of theirs."""
    duration_ms: float
    by: By


class Waited(NamedTuple):
    """A connection of the pool was waited for, because none was at hand."""

    duration_ms: float


@dataclass(frozen=True, slots=True)
class Faulted:
    """An error that is ours: a client saw `INTERNAL`."""

    request_id: str
    where: str
    error: BaseException
