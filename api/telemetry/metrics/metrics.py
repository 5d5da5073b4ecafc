"""The observer that counts."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector

from api.observe import Began, Fact, TracesLost
from api.telemetry.metrics.bounded import Models
from api.telemetry.metrics.making import Counted, Making
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
        of_stretches = OfStretches(make)
        self.stretches = of_stretches.kinds
        """Those whose ends some metric tells of."""
        self._count: Counted = {
            **OfRequests(make).counted,
            **of_stretches.counted,
            **OfGrounding(make).counted,
            **OfModels(make, known).counted,
            **OfResponses(make, known).counted,
            **OfEmbedding(make, known).counted,
            **OfUpkeep(make, known).counted,
            **OfProcess(make).counted,
            **OfStore(make).counted,
        }

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
        count = self._count.get(type(fact))
        if count is not None:
            count(fact)

    @property
    def hears(self) -> set[type[Fact]]:
        """The kinds of facts that some metric tells of."""
        return set(self._count)
