"""The observer that counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector

from api.observe import Began, Fact, TracesLost
from api.telemetry.metrics.bounded import Models
from api.telemetry.metrics.making import Counted, CountedTogether, Making
from api.telemetry.metrics.of_answers import OfEmbedding, OfGrounding, OfModels, OfResponses
from api.telemetry.metrics.of_requests import OfRequests
from api.telemetry.metrics.of_upkeep import OfProcess, OfStore, OfStretches, OfUpkeep
from api.telemetry.metrics.shared import of_all

UNCOUNTED: set[type[Fact]] = {Began, TracesLost}
"""The facts that no metric tells of."""


class Metrics:
    """Counts each fact. `models` are the names that the settings give to models of any kind.

    `shared` is the folder that this process counts into beside others; see `shared_folder`.
    """

    def __init__(self, models: Collection[str] = (), shared: Path | None = None) -> None:
        self.registry = CollectorRegistry()
        """Ours alone."""
        make, known = Making(self.registry), Models(models)
        of_stretches, of_requests = OfStretches(make), OfRequests(make)
        self.stretches = of_stretches.kinds
        """Those whose ends some metric tells of."""
        self._count: Counted = {
            **of_requests.counted,
            **OfGrounding(make).counted,
            **OfModels(make, known).counted,
            **OfResponses(make, known).counted,
            **OfEmbedding(make, known).counted,
            **OfUpkeep(make, known).counted,
            **OfProcess(make).counted,
            **OfStore(make).counted,
        }
        self._count_together: CountedTogether = {**of_requests.together, **of_stretches.together}
        self.scraped = self._alone() if shared is None else of_all(shared)
        """What is told to whoever asks: all that was counted, by the other processes too if there are any."""

    def _alone(self) -> CollectorRegistry:
        """What this process has counted, and how the process itself is."""
        both = CollectorRegistry()
        both.register(self.registry)
        ProcessCollector(registry=both)
        GCCollector(registry=both)
        return both

    def __call__(self, fact: Fact) -> None:
        self.of_several([fact])

    def of_several(self, facts: list[Fact]) -> None:
        """Count all of them, those of a kind together that there are many of."""
        alike: dict[type[Fact], list[Fact]] = defaultdict(list)
        for fact in facts:
            alike[type(fact)].append(fact)
        for kind, some in alike.items():
            if together := self._count_together.get(kind):
                together(some)
            elif count := self._count.get(kind):
                for fact in some:
                    count(fact)

    @property
    def hears(self) -> set[type[Fact]]:
        """The kinds of facts that some metric tells of."""
        return {*self._count, *self._count_together}
