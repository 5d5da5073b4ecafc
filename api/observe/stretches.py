"""Stretches of work: what takes time, and within which others lie. They are what spans are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Execution:
    """A GraphQL operation is executed."""

    kind: str
    name: str | None
    transport: str
    request_id: str
    principal: str
    traceparent: str | None = None
    """The span that it belongs to by the client's word, where its connection has said one, as W3C writes it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A dataloader reads what so many parents have asked for."""

    edge: str
    """The function of the store, such as `contexts.pages_by_user`."""
    keys: int


@dataclass(frozen=True, slots=True)
class Statement:
    """PostgreSQL answers a statement. Values are never in its text."""

    sql: str


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What is known about a user is searched, for `search` or for `grounding`."""

    user_id: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a retrieval: `profile`, `summary`, `turns`, `keyword`, `embedding`, `semantic`, `neighbours`,
    or `read`."""

    name: str


@dataclass(frozen=True, slots=True)
class Answering:
    """A response is brought to its end, from its grounding on."""

    response_id: str
    user_id: str
    model: str


@dataclass(frozen=True, slots=True)
class Call:
    """A language model is asked, and says what it says."""

    model: str
    purpose: str
    """`answer` or `summary`."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Something that runs by itself runs."""

    name: str


Stretch = Execution | Batch | Statement | Retrieval | Part | Answering | Call | Upkeep


class Began(NamedTuple):
    """A stretch has begun. It ends in the same task."""

    stretch: Stretch


class Ended(NamedTuple):
    """A stretch has ended, after so long; `failure` is the class of the error that ended it."""

    stretch: Stretch
    duration_ms: float
    failure: str | None
