"""How long something took, counted in buckets of a fixed width, so that counts of several processes can be added."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import ceil

from api.recent import Percentiles

FIRST_MS = 0.1
LAST_MS = 600_000.0
"""What took less, or longer, is counted as this."""

RATIO = 1.1
"""Each bucket ends so many times later than the one before it: so near is every percentile to the exact one.

What is stored is counted by these bounds. Whoever changes them has to empty the tables.
"""


def _bounds() -> tuple[float, ...]:
    bounds = [FIRST_MS]
    while bounds[-1] < LAST_MS:
        bounds.append(bounds[-1] * RATIO)
    return tuple(bounds)


BOUNDS = _bounds()
"""Where the buckets end, in milliseconds."""


def count(counts: list[int], milliseconds: float) -> None:
    """Count it in its bucket; the list grows as far as it has to."""
    bucket = min(bisect_left(BOUNDS, milliseconds), len(BOUNDS) - 1)
    if bucket >= len(counts):
        counts.extend([0] * (bucket + 1 - len(counts)))
    counts[bucket] += 1


def percentiles(counts: Sequence[int]) -> Percentiles:
    """Of all that was counted, each no further than `RATIO` from the exact one."""
    if not any(counts):
        return Percentiles()
    ends = list(accumulate(counts))
    return Percentiles(*(_at(counts, ends, share) for share in (50, 95, 99)))


def _at(counts: Sequence[int], ends: Sequence[int], share: int) -> float:
    """The least that `share` of a hundred do not exceed, as if those in a bucket were spread over it evenly."""
    rank = ceil(ends[-1] * share / 100)
    bucket = bisect_left(ends, rank)
    before = ends[bucket] - counts[bucket]
    part = (rank - before - 0.5) / counts[bucket]
    return float(BOUNDS[bucket] * RATIO ** (part - 1))
