"""What a log line says of a fact: its name, its level and its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Literal, NamedTuple, get_type_hints
from uuid import UUID

from api.observe import (
    By,
    ContextsTouched,
    EmbeddingBacklog,
    EmbeddingsIndexed,
    EmbeddingStalled,
    Fact,
    Faulted,
    Grounded,
    IssuerLost,
    Kinds,
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
    ContextsTouched: ("context", "info"),
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

TRACED = {kind for kind in EVENTS if "error" in FIELDS[kind]}
"""The facts whose lines have a traceback."""


class Line(NamedTuple):
    """One log line; `error` is the one that its traceback is of."""

    level: Level
    event: str
    fields: dict[str, Any]
    error: BaseException | None = None


def lines(fact: Fact, slow_ms: float) -> Sequence[Line]:
    """The lines of a fact that is not silent: of contexts that were touched one for each user, of others one."""
    if isinstance(fact, ContextsTouched):
        return [_context(fact, user, kinds) for user, kinds in fact.each]
    return [line(fact, slow_ms)]


def _context(fact: ContextsTouched, user: UUID, kinds: Kinds) -> Line:
    event, level = EVENTS[ContextsTouched]
    told = {"operation": fact.operation, "user_id": str(user), **kinds._asdict()}
    # Whoever speaks for a user touches nothing of another one.
    by = {"request_id": fact.by.request_id, "principal": fact.by.principal}
    return Line(level, event, there({**told, "duration_ms": fact.duration_ms, **by}))


def line(fact: Fact, slow_ms: float) -> Line:
    """The line of any other fact. An operation that took longer than `slow_ms` says what it was."""
    if isinstance(fact, OperationEnded):
        return _operation(fact, slow_ms)
    event, level = EVENTS[type(fact)]
    names, read = READING[type(fact)]
    told = there(dict(zip(names, read(fact), strict=True)))
    error = told.pop("error", None)
    return Line(level, event, told, error)


def _operation(fact: OperationEnded, slow_ms: float) -> Line:
    # As of any fact, in half the time: each request has one.
    (request_id, principal, user_id), transport, kind, name, codes, took, spent, document = fact
    cost, statements, database_ms, waited_ms = spent
    told = {
        "request_id": request_id,
        "principal": principal,
        "user_id": user_id,
        "transport": transport,
        "kind": kind,
        "name": name,
        "codes": codes,
        "duration_ms": took,
        "cost": cost,
        "statements": statements,
        "database_ms": database_ms,
        "waited_ms": waited_ms,
    }
    for optional in _OPTIONAL:
        if not told[optional]:
            del told[optional]
    if took >= slow_ms and kind != "subscription":
        return Line("warning", "operation", {**told, "slow": True, "document": document})
    return Line("info", "operation", told)


_OPTIONAL = ("request_id", "principal", "user_id", "kind", "name", "codes")
"""What the line of an operation may lack."""


def there(fields: dict[str, Any]) -> dict[str, Any]:
    """Those that have a value; a number has one also when it is 0."""
    return {name: value for name, value in fields.items() if value or value == 0}
