"""What a log line says of a fact: its name, its level and its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, Literal, NamedTuple, get_type_hints

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
    kind: tuple(get_type_hints(kind)) for kind in (*EVENTS, By, Spent)
}


def _paths(kind: type) -> Iterator[str]:
    """Where the values of a fact are; those of a value within it are its own."""
    for name, held in get_type_hints(kind).items():
        if held in FIELDS:
            yield from (f"{name}.{inner}" for inner in FIELDS[held])
        else:
            yield name


def _reading(kind: type[Fact]) -> tuple[tuple[str, ...], Callable[[Fact], tuple[Any, ...]]]:
    """What the values of a fact are called, and what reads them; one alone is a tuple all the same."""
    paths = tuple(_paths(kind))
    names = tuple(path.rpartition(".")[2] for path in paths)
    read = attrgetter(*paths)
    return names, read if len(paths) > 1 else lambda fact: (read(fact),)


READING = {kind: _reading(kind) for kind in EVENTS}


class Line(NamedTuple):
    """One log line; `error` is the one that its traceback is of."""

    level: Level
    event: str
    fields: dict[str, Any]
    error: BaseException | None = None


def line(fact: Fact, slow_ms: float) -> Line:
    """The line of a fact that is not silent. An operation that took longer than `slow_ms` says what it was."""
    event, level = EVENTS[type(fact)]
    names, read = READING[type(fact)]
    values = zip(names, read(fact), strict=True)
    # A number has a value also when it is 0.
    told = {name: value for name, value in values if value or value == 0}
    if isinstance(fact, OperationEnded):
        document = told.pop("document", None)
        if fact.duration_ms >= slow_ms and fact.kind != "subscription":
            return Line("warning", "operation", {**told, "slow": True, "document": document})
    error = told.pop("error", None)
    return Line(level, event, told, error)
