"""What happened: small frozen facts. Code observes; log lines, metrics and spans are made of them in `api.telemetry`.

A fact holds names, ids, counts and times; never content, message text, tokens or keys.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
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
    ContextsTouched,
    Faulted,
    Kinds,
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
    | ContextsTouched
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


class Telling:
    """Whoever tells several observers. One that has `hears` is told of those kinds of facts, and of no others.

    One that has `stretches` has no use for the beginnings and ends of any others.
    """

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers
        self._told: dict[type[Fact], list[Observer]] = {}
        self._hears_of: dict[type[Stretch], bool] = {}

    def __call__(self, fact: Fact) -> None:
        raise NotImplementedError

    def told_of(self, kind: type[Fact]) -> list[Observer]:
        """Those who are told of facts of this kind, the ones for whom another one tells among them."""
        told = self._told.get(kind)
        if told is None:
            lists = [told_of(observer, kind) for observer in self._observers]
            told = self._told[kind] = [*chain.from_iterable(lists)]
        return told

    def hears_of(self, kind: type[Stretch]) -> bool:
        """Whether one of them has a use for the beginnings or ends of such stretches."""
        found = self._hears_of.get(kind)
        if found is None:
            found = any(hears_of(observer, kind) for observer in self._observers)
            self._hears_of[kind] = found
        return found


class to_each(Telling):  # noqa: N801  # read as a word: `to_each(one, another)`
    """One observer for several."""

    def __call__(self, fact: Fact) -> None:
        kind = type(fact)
        for observer in self._told.get(kind) or self.told_of(kind):
            observer(fact)


def telling_of(observer: Observer, kind: type[Fact]) -> Observer:
    """The one who is told of facts of this kind by telling the observer; if there are more or none, itself."""
    told = told_of(observer, kind)
    return told[0] if len(told) == 1 else observer


def told_of(observer: Observer, kind: type[Fact]) -> list[Observer]:
    """Who is told of facts of this kind by telling the observer."""
    if isinstance(observer, Telling):
        return observer.told_of(kind)
    return [observer] if kind in getattr(observer, "hears", (kind,)) else []


def hears_of(observer: Observer, kind: type[Stretch]) -> bool:
    """Whether there is any use in telling the observer when such a stretch begins or ends."""
    if isinstance(observer, Telling):
        return observer.hears_of(kind)
    hears = getattr(observer, "hears", (Began, Ended))
    return (Began in hears or Ended in hears) and kind in getattr(observer, "stretches", (kind,))


class during:  # noqa: N801  # read as a word: `with during(observe, stretch)`
    """The block is the stretch: what is observed in it, also by tasks that it starts, lies within."""

    __slots__ = ("_began", "_is_heard", "_observe", "_stretch")

    def __init__(self, observe: Observer, stretch: Stretch) -> None:
        self._observe = observe
        self._stretch = stretch
        self._is_heard = hears_of(observe, type(stretch))

    def __enter__(self) -> None:
        if self._is_heard:
            self._observe(Began(self._stretch))
            self._began = perf_counter()

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if self._is_heard:
            failed = failure.__name__ if failure else None
            self._observe(Ended(self._stretch, milliseconds(self._began), failed))


def milliseconds(began: float) -> float:
    """Since then, by `perf_counter`."""
    return in_milliseconds(perf_counter() - began)


def in_milliseconds(seconds: float) -> float:
    """To the microsecond, as `round` would say it in three times the time."""
    return int(seconds * 1_000_000 + 0.5) / 1000


__all__ = [
    "OURSELVES",
    "Began",
    "By",
    "ContextsTouched",
    "EmbeddingBacklog",
    "EmbeddingStalled",
    "EmbeddingsIndexed",
    "Ended",
    "Fact",
    "Faulted",
    "Grounded",
    "IssuerLost",
    "Kinds",
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
    "Telling",
    "TextsEmbedded",
    "TracesLost",
    "Waited",
    "during",
    "hears_of",
    "in_milliseconds",
    "milliseconds",
    "telling_of",
    "to_each",
    "unseen",
]
