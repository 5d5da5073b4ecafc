"""What is observed of that which runs by itself, and of what it leans on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewsHeard:
    """A notification took so long from the database to this process."""

    lag_ms: float


@dataclass(frozen=True, slots=True)
class ProcessMeasured:
    """What there is in this process just now; every few seconds.

    `in_flight` is how many there are of each kind: `operations`, `subscriptions`, `sockets`.
    """

    pool_in_use: int
    pool_open: int
    pool_limit: int
    pool_lent_at_once: int
    """How often a connection was at hand, so that nobody `Waited`, since it was last measured."""
    in_flight: tuple[tuple[str, int], ...]
    live_viewers: int
    running_responses: int
    loop_lag_ms: float
    """How late the event loop woke who had slept."""


@dataclass(frozen=True, slots=True)
class ListenerLost:
    """The listening connection went away and is being made anew."""

    reason: str


@dataclass(frozen=True, slots=True)
class SharedRatesLost:
    """The Redis of the rate limits does not answer; until it does, each process counts for itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class IssuerLost:
    """The keys of the issuer of tokens cannot be fetched; those that are known are taken on."""

    reason: str


@dataclass(frozen=True, slots=True)
class TracesLost:
    """Spans could not be sent, by the words of the library; observed once in a while for as long as that is so."""

    reason: str


@dataclass(frozen=True, slots=True)
class EmbeddingBacklog:
    """How many contexts wait for their embedding, and how many of them were tried in vain; when it has changed."""

    model: str
    missing: int
    failing: int


@dataclass(frozen=True, slots=True)
class EmbeddingStalled:
    """The provider of an embedding model does not answer as it should; it is tried again at growing intervals."""

    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class EmbeddingsIndexed:
    """A user with so many embeddings by the model has an index over them now."""

    user_id: str
    model: str
    count: int


@dataclass(frozen=True, slots=True)
class Swept:
    """So many contexts have become inactive because they had expired, or were `let_go` of; so many rows are gone."""

    expired: int
    let_go: int
    deleted: int
    duration_ms: float


@dataclass(frozen=True, slots=True)
class StoreMeasured:
    """What there is in the store, over all users; now and then. `bytes` is what it takes on disk.

    With `is_estimated` some of the numbers of rows are PostgreSQL's estimates. `average_rating` is from 1 to 5.
    """

    users: int
    contexts: int
    responses: int
    bytes: int
    average_rating: float | None
    is_estimated: bool


@dataclass(frozen=True, slots=True)
class LargestUsers:
    """The users with the most contexts, the largest first: the id, how many contexts, and bytes in all."""

    users: tuple[tuple[str, int, int], ...]
