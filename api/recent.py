"""How long retrievals took lately."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic

from api.observe import Fact, Retrieved


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Milliseconds that so many in a hundred took at most; None where nothing was seen."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


class Recent:
    """A window over the last so many `seconds`, and over no more than the last `most` that were seen in them."""

    def __init__(self, seconds: float, most: int, now: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._seen: deque[tuple[float, float]] = deque(maxlen=most)

    def hear(self, fact: Fact) -> None:
        """Keep how long it took, if it is a retrieval."""
        if isinstance(fact, Retrieved):
            self.add(fact.duration_ms)

    def add(self, milliseconds: float) -> None:
        self._seen.append((self._now(), milliseconds))

    def percentiles(self) -> Percentiles:
        """Of what lies in the window now."""
        since = self._now() - self._seconds
        while self._seen and self._seen[0][0] < since:
            self._seen.popleft()
        took = sorted(milliseconds for _, milliseconds in self._seen)
        return Percentiles(*(_at(took, share) for share in (50, 95, 99))) if took else Percentiles()


def _at(took: list[float], share: int) -> float:
    """The least that `share` of a hundred do not exceed."""
    return took[ceil(len(took) * share / 100) - 1]
