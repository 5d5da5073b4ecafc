"""What is observed of that which runs by itself, and of what it leans on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewsHeard:
    """A notification took so long from the database to this process."""

    lag_ms: float


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
