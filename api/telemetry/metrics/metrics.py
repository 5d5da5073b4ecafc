"""The observer that counts."""

from __future__ import annotations

from collections.abc import Collection

from prometheus_client import CollectorRegistry

from api.observe import Began, Fact, TracesLost
from api.telemetry.metrics.bounded import Models
from api.telemetry.metrics.making import Counted, Making
from api.telemetry.metrics.of_answers import OfEmbedding, OfGrounding, OfModels, OfResponses
from api.telemetry.metrics.of_requests import OfRequests
from api.telemetry.metrics.of_upkeep import OfProcess, OfStore, OfStretches, OfUpkeep

UNCOUNTED: set[type[Fact]] = {Began, TracesLost}
"""The facts that no metric tells of."""


class Metrics:
    """Counts each fact. `models` are the names that the settings give to models of any kind."""

    def __init__(self, models: Collection[str] = ()) -> None:
        self.registry = CollectorRegistry()
        make, known = Making(self.registry), Models(models)
        self._count: Counted = {
            **OfRequests(make).counted,
            **OfStretches(make).counted,
            **OfGrounding(make).counted,
            **OfModels(make, known).counted,
            **OfResponses(make, known).counted,
            **OfEmbedding(make, known).counted,
            **OfUpkeep(make, known).counted,
            **OfProcess(make).counted,
            **OfStore(make).counted,
        }

    def __call__(self, fact: Fact) -> None:
        count = self._count.get(type(fact))
        if count is not None:
            count(fact)

    @property
    def counted(self) -> set[type[Fact]]:
        """The kinds of facts that some metric tells of."""
        return set(self._count)
