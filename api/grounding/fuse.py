"""Several ways of searching made one: finds are added up, lend to their neighbours, and are weighed by their age.

Plain functions over scores by the id of a context; docs/decisions/0007-how-finds-are-weighed.md says why they are as
they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from db.records import Hit, Neighbour

REACH = 2
"""How many turns before and after a find come along."""

LENT = 0.5
"""The part of its score that a find lends to the turn beside it; to the next one, that part of this."""

FRESH = 0.1
"""The part of a score that depends on the age."""

Scores = dict[UUID, float]


def fused(keyword: Sequence[Hit], semantic: Sequence[Hit], meaning: float) -> Scores:
    """The finds of both arms: the best by its words counts 1, the best by its meaning `meaning`."""
    scores = _parts(keyword, lowest=0.0)
    # Everything is a little alike: only what stands out from the least of these counts.
    least = semantic[-1].score if len(semantic) > 1 else 0.0
    for id, part in _parts(semantic, lowest=least).items():
        scores[id] = scores.get(id, 0.0) + meaning * part
    return scores


def _parts(hits: Sequence[Hit], lowest: float) -> Scores:
    """Each score as a part of the best one's, counted from the lowest."""
    best = hits[0].score - lowest if hits else 0.0
    return {hit.id: (hit.score - lowest) / best if best > 0 else 1.0 for hit in hits}


def lent(scores: Mapping[UUID, float], neighbours: Iterable[Neighbour]) -> Scores:
    """Every find lends to the turns beside it; those that were not found themselves come along."""
    parts = {id: [score] for id, score in scores.items()}
    for near in neighbours:
        parts.setdefault(near.id, []).append(scores[near.hit_id] * LENT**near.distance)
    # In whatever order the neighbours come, equals stay equal to the last bit: which is shown first hangs on it.
    return {id: math.fsum(some) for id, some in parts.items()}


def freshened(
    scores: Mapping[UUID, float],
    created: Mapping[UUID, datetime],
    now: datetime,
    half_life: timedelta | None,
) -> Scores:
    """Of two that are as good the younger is better: a tenth of a score halves with every half-life."""
    if half_life is None:
        return dict(scores)
    return {id: score * _freshness((now - created[id]) / half_life) for id, score in scores.items()}


def _freshness(halvings: float) -> float:
    return 1 - FRESH + FRESH * math.exp2(-min(max(halvings, 0.0), 1000.0))


def best_first(
    scores: Mapping[UUID, float], created: Mapping[UUID, datetime], limit: int
) -> Scores:
    """The best, in order, as parts of the best one's; of equals the younger comes first."""
    ordered = sorted(scores, key=lambda one: (scores[one], created[one], one), reverse=True)[:limit]
    best = scores[ordered[0]] if ordered else 0.0
    return {id: scores[id] / best for id in ordered if scores[id] > 0}
