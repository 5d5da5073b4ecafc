"""Several ways of searching made one: finds are added up, lend to their neighbours, and are weighed by their age.

Plain functions over scores; docs/decisions/0006-how-finds-are-weighed.md says why they are as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from db.records import Hit, Neighbour

REACH = 2
"""How many turns before and after a find come along."""

LENT = 0.5
"""The part of its score that a find lends to the turn beside it; to the next one, that part of this."""

FRESH = 0.1
"""The part of a score that depends on the age."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A context that may help, with the parts of its score; `keyword` and `semantic` are as their arms gave them."""

    id: UUID
    created_at: datetime
    score: float
    keyword: float | None = None
    semantic: float | None = None


def fused(keyword: Sequence[Hit], semantic: Sequence[Hit], meaning: float) -> dict[UUID, Weighed]:
    """The finds of both arms: the best by its words counts 1, the best by its meaning `meaning`."""
    found = {hit.id: Weighed(hit.id, hit.created_at, 0.0) for hit in (*keyword, *semantic)}
    for hit, share in _shares(keyword, lowest=0.0):
        one = found[hit.id]
        found[hit.id] = replace(one, score=one.score + share, keyword=hit.score)
    # Everything is a little alike: only what stands out from the least of these counts.
    least = semantic[-1].score if len(semantic) > 1 else 0.0
    for hit, share in _shares(semantic, lowest=least):
        one = found[hit.id]
        found[hit.id] = replace(one, score=one.score + meaning * share, semantic=hit.score)
    return found


def _shares(hits: Sequence[Hit], lowest: float) -> Iterable[tuple[Hit, float]]:
    """Each hit with its score as a part of the best one's, counted from the lowest."""
    best = hits[0].score - lowest if hits else 0.0
    return ((hit, (hit.score - lowest) / best if best > 0 else 1.0) for hit in hits)


def with_neighbours(
    found: Mapping[UUID, Weighed], neighbours: Iterable[Neighbour]
) -> dict[UUID, Weighed]:
    """Every find lends to the turns beside it; those that were not found themselves come along."""
    lent = dict(found)
    for near in neighbours:
        one = lent.get(near.id) or Weighed(near.id, near.created_at, 0.0)
        gift = found[near.hit_id].score * LENT**near.distance
        lent[near.id] = replace(one, score=one.score + gift)
    return lent


def freshened(
    found: Iterable[Weighed], now: datetime, half_life: timedelta | None
) -> list[Weighed]:
    """Of two that are as good the younger is better: a tenth of a score halves with every half-life."""
    if half_life is None:
        return list(found)
    return [replace(one, score=one.score * _freshness(one, now, half_life)) for one in found]


def _freshness(one: Weighed, now: datetime, half_life: timedelta) -> float:
    halvings = max((now - one.created_at) / half_life, 0.0)
    return 1 - FRESH + FRESH * math.exp2(-min(halvings, 1000.0))


def best_first(found: Iterable[Weighed]) -> list[Weighed]:
    """In order, the scores as parts of the best one's."""
    ordered = sorted(found, key=lambda one: (one.score, one.created_at, one.id), reverse=True)
    best = ordered[0].score if ordered else 0.0
    return [replace(one, score=one.score / best) for one in ordered if one.score > 0]
