"""What a log line says of a fact: its name, its level and its fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

from api.observe import (
    By,
    ContextTouched,
    EmbeddingBacklog,
    EmbeddingsIndexed,
    EmbeddingStalled,
    Fact,
    Faulted,
    Grounded,
    IssuerLost,
    LargestUsers,
    LimitHit,
    ListenerLost,
    MeaningLost,
    ModelCalled,
    ModelPassedOver,
    NewsHeard,
    OperationEnded,
    ProcessMeasured,
    RequestRefused,
    ResponseEnded,
    ResponseRated,
    Retrieved,
    SharedRatesLost,
    Spent,
    StoreMeasured,
    Summarised,
    Swept,
    TextsEmbedded,
    TracesLost,
    Waited,
)
from api.observe.stretches import Began, Ended

Level = Literal["info", "warning", "error"]

EVENTS: dict[type[Fact], tuple[str, Level]] = {
    OperationEnded: ("operation", "info"),
    ContextTouched: ("context", "info"),
    RequestRefused: ("refused", "info"),
    Faulted: ("fault", "error"),
    ResponseEnded: ("response", "info"),
    ResponseRated: ("rating", "info"),
    ModelCalled: ("model_call", "info"),
    ModelPassedOver: ("model_passed_over", "warning"),
    Summarised: ("summary", "info"),
    ListenerLost: ("listener_lost", "warning"),
    IssuerLost: ("issuer_lost", "warning"),
    SharedRatesLost: ("shared_rates_lost", "warning"),
    TracesLost: ("traces_lost", "warning"),
    MeaningLost: ("meaning_lost", "warning"),
    EmbeddingBacklog: ("embedding_backlog", "info"),
    EmbeddingStalled: ("embedding_stalled", "warning"),
    EmbeddingsIndexed: ("embeddings_indexed", "info"),
    Swept: ("swept", "info"),
    StoreMeasured: ("store", "info"),
    LargestUsers: ("largest_users", "info"),
}
"""What the lines are called."""

SILENT: set[type[Fact]] = {
    *(
        Began,
        Ended,
        Waited,
        LimitHit,
        Retrieved,
        Grounded,
        TextsEmbedded,
        NewsHeard,
        ProcessMeasured,
    ),
}
"""The facts that have no line: they are a part of what another line tells, or too many."""


FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (*EVENTS, By, Spent)
}


def _values(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Reads the fields of a fact; one alone is a tuple all the same."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda fact: tuple(getattr(fact, name) for name in names)


VALUES = {kind: _values(names) for kind, names in FIELDS.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """One log line; `error` is the one that its traceback is of."""

    event: str
    level: Level
    fields: dict[str, Any]
    error: BaseException | None = None


def line(fact: Fact, slow_ms: float) -> Line:
    """The line of a fact that is not silent. An operation that took longer than `slow_ms` says what it was."""
    event, level = EVENTS[type(fact)]
    told = told_by(fact)
    if isinstance(fact, OperationEnded):
        document = told.pop("document", None)
        if fact.duration_ms >= slow_ms and fact.kind != "subscription":
            return Line("operation", "warning", {**told, "slow": True, "document": document})
    error = told.pop("error", None)
    return Line(event, level, told, error)


def told_by(fact: Fact | By | Spent) -> dict[str, Any]:
    """The fields of a fact that have a value; those of a value within it are its own."""
    told: dict[str, Any] = {}
    kind = type(fact)
    for name, value in zip(FIELDS[kind], VALUES[kind](fact), strict=True):
        if type(value) is By:
            told |= _whom(value)
        elif type(value) is Spent:
            told |= told_by(value)
        elif value or not (value is None or value in ((), "")):
            told[name] = value
    return told


@lru_cache(maxsize=256)
def _whom(by: By) -> dict[str, Any]:
    """For whom it is, which is the same for all facts of an operation."""
    return told_by(by)
