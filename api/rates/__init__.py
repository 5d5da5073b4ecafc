"""How much each caller may ask in a window of time, counted here or in a Redis that several processes share."""

from __future__ import annotations

from api.rates.counters import Counters, InProcess
from api.rates.rates import Quotas, Rates, Standing, Taken
from api.rates.shared import Tolerance, Unusable, answers, counting, require_usable

__all__ = [
    "Counters",
    "InProcess",
    "Quotas",
    "Rates",
    "Standing",
    "Taken",
    "Tolerance",
    "Unusable",
    "answers",
    "counting",
    "require_usable",
]
