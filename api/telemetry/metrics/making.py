"""How a metric is made: on which registry, and how the values of several processes become one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, Literal, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

Metric = TypeVar("Metric", bound=Counter | Gauge | Histogram)
Key = str | tuple[str, ...]
Mode = Literal["livesum", "livemax", "mostrecent"]
Counted = dict[type[Any], Callable[[Any], None]]
"""How facts are counted, by their kind."""


CountedTogether = dict[type[Any], Callable[[list[Any]], None]]
"""How several facts of one kind are counted in one go: those that there are many of."""


class Spread(Histogram):
    """A histogram that is told of several values in one go, which takes little more than to tell it of one."""

    def observe_all(self, values: Sequence[float]) -> None:
        self._sum.inc(sum(values))
        found: dict[int, int] = {}
        for value in values:
            bucket = bisect_left(self._upper_bounds, value)
            found[bucket] = found.get(bucket, 0) + 1
        for bucket, count in found.items():
            self._buckets[bucket].inc(count)

    def observe_counted(self, values: Iterable[tuple[float, int]]) -> None:
        """Observe each value as often as is said of it."""
        total = 0.0
        found: dict[int, int] = {}
        for value, count in values:
            total += value * count
            bucket = bisect_left(self._upper_bounds, value)
            found[bucket] = found.get(bucket, 0) + count
        self._sum.inc(total)
        for bucket, count in found.items():
            self._buckets[bucket].inc(count)


class Labelled(dict[Key, Metric], Generic[Metric]):
    """What a metric has counted, by the values of its labels; `labels()` costs more than the counting."""

    def __init__(self, metric: Metric) -> None:
        super().__init__()
        self._metric = metric

    def __missing__(self, key: Key) -> Metric:
        values = (key,) if isinstance(key, str) else key
        child: Any = self._metric.labels(*values)
        return self.setdefault(key, child)


class Making:
    """Makes metrics on one registry. Their names begin with `contextql_`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        # When each series began would be one more for each, and the library keeps it for a single process only.
        disable_created_metrics()  # type: ignore[no-untyped-call]

    def counter(self, name: str, what: str) -> Counter:
        return Counter(f"contextql_{name}", what, registry=self._registry)

    def counters(self, name: str, what: str, *labels: str) -> Labelled[Counter]:
        return Labelled(Counter(f"contextql_{name}", what, labels, registry=self._registry))

    def histogram(self, name: str, what: str, buckets: tuple[float, ...]) -> Spread:
        return Spread(f"contextql_{name}", what, registry=self._registry, buckets=buckets)

    def histograms(
        self, name: str, what: str, buckets: tuple[float, ...], *labels: str
    ) -> Labelled[Spread]:
        return Labelled(
            Spread(f"contextql_{name}", what, labels, registry=self._registry, buckets=buckets)
        )

    def of_each(self, name: str, what: str) -> Gauge:
        """A gauge that each process has a part of; all of them are added."""
        return self._gauge(name, what, "livesum")

    def of_each_by(self, name: str, what: str, *labels: str) -> Labelled[Gauge]:
        return Labelled(self._gauge(name, what, "livesum", *labels))

    def of_the_worst(self, name: str, what: str) -> Gauge:
        """A gauge of each process, of which the largest is told."""
        return self._gauge(name, what, "livemax")

    def of_all(self, name: str, what: str) -> Gauge:
        """A gauge that any process measures for all; the newest is told."""
        return self._gauge(name, what, "mostrecent")

    def of_all_by(self, name: str, what: str, *labels: str) -> Labelled[Gauge]:
        return Labelled(self._gauge(name, what, "mostrecent", *labels))

    def _gauge(self, name: str, what: str, mode: Mode, *labels: str) -> Gauge:
        return Gauge(
            f"contextql_{name}", what, labels, registry=self._registry, multiprocess_mode=mode
        )
