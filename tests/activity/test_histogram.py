"""Percentiles of what was counted in buckets, against those of the values themselves."""

from __future__ import annotations

from itertools import zip_longest

from hypothesis import given
from hypothesis import strategies as st

from api.activity.histogram import BOUNDS, FIRST_MS, LAST_MS, RATIO, count, percentiles
from api.recent import Percentiles, Recent

MILLISECONDS = st.floats(FIRST_MS, LAST_MS)


def counted(values: list[float]) -> list[int]:
    counts: list[int] = []
    for value in values:
        count(counts, value)
    return counts


def exact(values: list[float]) -> Percentiles:
    recent = Recent(60, len(values))
    for value in values:
        recent.add(value)
    return recent.percentiles()


def are_near(found: Percentiles, right: Percentiles) -> bool:
    pairs = zip((found.p50, found.p95, found.p99), (right.p50, right.p95, right.p99), strict=True)
    return all(one and other and 1 / RATIO <= one / other <= RATIO for one, other in pairs)


@given(st.lists(MILLISECONDS, min_size=1, max_size=300))
def test_a_percentile_is_within_ten_in_a_hundred_of_the_exact_one(values: list[float]) -> None:
    assert are_near(percentiles(counted(values)), exact(values))


@given(st.lists(MILLISECONDS, min_size=1), st.lists(MILLISECONDS, min_size=1))
def test_histograms_of_two_processes_added_are_the_histogram_of_both(
    some: list[float], others: list[float]
) -> None:
    both = zip_longest(counted(some), counted(others), fillvalue=0)
    assert [one + other for one, other in both] == counted(some + others)


@given(st.lists(MILLISECONDS, min_size=1))
def test_the_slower_percentile_is_never_the_smaller_one(values: list[float]) -> None:
    found = percentiles(counted(values))
    assert 0 < (found.p50 or 0) <= (found.p95 or 0) <= (found.p99 or 0) <= BOUNDS[-1]


def test_without_anything_there_is_nothing_to_say() -> None:
    assert percentiles([]) == percentiles([0, 0]) == Percentiles()


def test_what_lies_beyond_the_buckets_is_in_the_first_or_the_last() -> None:
    assert counted([0, 0.0001, FIRST_MS]) == [3]
    assert counted([LAST_MS * 1000])[-1] == 1
    assert (percentiles(counted([LAST_MS * 1000])).p99 or 0) <= BOUNDS[-1]
    assert len(counted([LAST_MS])) <= len(BOUNDS) < 200
