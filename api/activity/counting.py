"""The observer that counts by the minute. What it has counted stays in memory until the store has it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from time import time
from typing import Any

from api.activity import histogram
from api.observe import Fact, ModelCalled, OperationEnded, ResponseEnded, Retrieved, StoreMeasured
from db.activity import Minute, ModelCounts, StoreSize

MOST_MINUTES = 180
"""Minutes that are kept for a store that is away; of more the oldest are forgotten."""

MINUTE = 60


class Counting:
    """Counts in one process, in minutes of this machine's clock."""

    def __init__(self, now: Callable[[], float] = time) -> None:
        self._now = now
        self._running: Minute | None = None
        self._number = 0
        self._ended: deque[Minute] = deque(maxlen=MOST_MINUTES)

    def __call__(self, fact: Fact) -> None:
        count = COUNTS.get(type(fact))
        if count is not None:
            count(self._minute(), fact)

    @property
    def hears(self) -> Collection[type[Fact]]:
        """The kinds of facts that are counted."""
        return COUNTS.keys()

    def ended(self) -> list[Minute]:
        """The minutes that are over and in which something was counted, the oldest first."""
        if self._number != self._now() // MINUTE:
            self.end()
        return list(self._ended)

    def end(self) -> None:
        """End the minute that runs before its time. What is counted after this is counted anew."""
        if self._running is not None:
            self._ended.append(self._running)
            self._running = None

    def forget(self, minute: Minute) -> None:
        """The store has it."""
        with suppress(ValueError):
            self._ended.remove(minute)

    def _minute(self) -> Minute:
        """The one that runs."""
        number = int(self._now() // MINUTE)
        if self._running is None or self._number != number:
            self.end()
            self._running = Minute(datetime.fromtimestamp(number * MINUTE, UTC))
            self._number = number
        return self._running


def _operation(minute: Minute, fact: OperationEnded) -> None:
    minute.operations += 1
    minute.errors += bool(fact.codes)


def _retrieved(minute: Minute, fact: Retrieved) -> None:
    histogram.count(minute.retrieval, fact.duration_ms)


def _response(minute: Minute, fact: ResponseEnded) -> None:
    failed = fact.status == "FAILED"
    of_model = _of_model(minute, fact.model)
    minute.responses += 1
    of_model.responses += 1
    minute.failed_responses += failed
    of_model.failed += failed
    if fact.first_word_ms is not None:
        histogram.count(minute.first_token, fact.first_word_ms)


def _model(minute: Minute, fact: ModelCalled) -> None:
    of_model = _of_model(minute, fact.model)
    of_model.input_tokens += fact.input_tokens or 0
    of_model.output_tokens += fact.output_tokens or 0
    if fact.cost_usd is not None:
        of_model.cost_usd = (of_model.cost_usd or 0) + fact.cost_usd


def _store(minute: Minute, fact: StoreMeasured) -> None:
    minute.store = StoreSize(fact.users, fact.contexts, fact.responses, fact.bytes)


def _of_model(minute: Minute, model: str) -> ModelCounts:
    found = minute.models.get(model)
    if found is None:
        found = minute.models[model] = ModelCounts(model)
    return found


COUNTS: Mapping[type[Fact], Callable[[Minute, Any], None]] = {
    OperationEnded: _operation,
    Retrieved: _retrieved,
    ResponseEnded: _response,
    ModelCalled: _model,
    StoreMeasured: _store,
}
"""How each fact is counted; the others are not."""
