"""What happened: small frozen facts. Code observes; log lines, metrics and spans are made of them in `api.telemetry`.

A fact holds names, ids, counts and times; never content, message text, tokens or keys.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from api.observe.answers import (
    Grounded,
    MeaningLost,
    ModelCalled,
    ModelPassedOver,
    ResponseEnded,
    ResponseRated,
    Retrieved,
    Summarised,
    TextsEmbedded,
)
from api.observe.requests import (
    OURSELVES,
    By,
    ContextTouched,
    Faulted,
    LimitHit,
    OperationEnded,
    RequestRefused,
    Spent,
    Waited,
)
from api.observe.stretches import Began, Ended, Stretch
from api.observe.upkeep import (
    EmbeddingBacklog,
    EmbeddingsIndexed,
    EmbeddingStalled,
    IssuerLost,
    LargestUsers,
    ListenerLost,
    NewsHeard,
    ProcessMeasured,
    SharedRatesLost,
    StoreMeasured,
    Swept,
    TracesLost,
)

Fact = (
    Began
    | Ended
    | OperationEnded
    | RequestRefused
    | LimitHit
    | ContextTouched
    | Waited
    | Retrieved
    | Grounded
    | ModelCalled
    | TextsEmbedded
    | NewsHeard
    | ProcessMeasured
    | Faulted
    | ResponseEnded
    | ResponseRated
    | ModelPassedOver
    | ListenerLost
    | IssuerLost
    | SharedRatesLost
    | TracesLost
    | MeaningLost
    | EmbeddingBacklog
    | EmbeddingStalled
    | EmbeddingsIndexed
    | Summarised
    | Swept
    | StoreMeasured
    | LargestUsers
)
Observer = Callable[[Fact], None]
"""Who is told of each fact, at once. It returns soon and raises nothing."""


def unseen(_: Fact) -> None:
    """The observer that looks away."""


def to_each(*observers: Observer) -> Observer:
    """One observer for several."""

    def tell(fact: Fact) -> None:
        for observer in observers:
            observer(fact)

    return tell


class during:  # noqa: N801  # read as a word: `with during(observe, stretch)`
    """The block is the stretch: what is observed in it, also by tasks that it starts, lies within."""

    __slots__ = ("_began", "_observe", "_stretch")

    def __init__(self, observe: Observer, stretch: Stretch) -> None:
        self._observe = observe
        self._stretch = stretch

    def __enter__(self) -> None:
        self._observe(Began(self._stretch))
        self._began = perf_counter()

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        failed = failure.__name__ if failure else None
        self._observe(Ended(self._stretch, milliseconds(self._began), failed))


def milliseconds(began: float) -> float:
    """Since then, by `perf_counter`."""
    return round((perf_counter() - began) * 1000, 3)


__all__ = [
    "OURSELVES",
    "Began",
    "By",
    "ContextTouched",
    "EmbeddingBacklog",
    "EmbeddingStalled",
    "EmbeddingsIndexed",
    "Ended",
    "Fact",
    "Faulted",
    "Grounded",
    "IssuerLost",
    "LargestUsers",
    "LimitHit",
    "ListenerLost",
    "MeaningLost",
    "ModelCalled",
    "ModelPassedOver",
    "NewsHeard",
    "Observer",
    "OperationEnded",
    "ProcessMeasured",
    "RequestRefused",
    "ResponseEnded",
    "ResponseRated",
    "Retrieved",
    "SharedRatesLost",
    "Spent",
    "StoreMeasured",
    "Stretch",
    "Summarised",
    "Swept",
    "TextsEmbedded",
    "TracesLost",
    "Waited",
    "during",
    "milliseconds",
    "to_each",
    "unseen",
]
