from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice, permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.grounding.fuse import best_first, freshened, fused, lent
from db.records import Hit, Neighbour
from tests.grounding.finds import NOON

scores = st.lists(st.floats(0.01, 50), max_size=8, unique=True).map(lambda s: sorted(s)[::-1])


def hits(*scores: float, first: int = 1) -> list[Hit]:
    """Finds numbered from `first`, best first."""
    return [Hit(UUID(int=n), NOON, score) for n, score in enumerate(scores, start=first)]


def created(scores: Iterable[UUID]) -> dict[UUID, datetime]:
    return dict.fromkeys(scores, NOON)


def numbered(**scores: float) -> dict[UUID, float]:
    """`_3=0.5`: the find with the number 3."""
    return {UUID(int=int(name[1:])): score for name, score in scores.items()}


def test_the_best_of_each_arm_counts_what_the_arm_counts() -> None:
    found = fused(hits(8.0, 2.0), hits(0.9, 0.5, first=3), meaning=0.4)
    assert found == numbered(_1=1.0, _2=0.25, _3=0.4, _4=0.0)


def test_what_both_arms_have_found_is_better_than_what_one_has() -> None:
    found = fused(hits(8.0), hits(0.9, 0.8), meaning=0.4)
    assert found == numbered(_1=1.4, _2=0.0)


def test_one_arm_alone_is_enough() -> None:
    assert fused(hits(8.0), (), meaning=0.4) == numbered(_1=1.0)
    assert fused((), hits(0.3), meaning=0.4) == numbered(_1=0.4)
    assert fused((), (), meaning=0.4) == {}


def test_a_find_lends_half_of_its_score_to_the_next_turn_and_half_of_that_to_the_one_after() -> (
    None
):
    found = fused(hits(8.0, 4.0), (), meaning=0.4)
    beside = [
        Neighbour(UUID(int=1), UUID(int=2), NOON, 1),
        Neighbour(UUID(int=1), UUID(int=9), NOON, 2),
    ]
    assert lent(found, beside) == numbered(_1=1.0, _2=0.5 + 0.5, _9=0.25)


def test_in_whatever_order_neighbours_come_the_sums_are_the_same() -> None:
    found = {UUID(int=n): n / 7 for n in range(1, 6)}
    beside = [
        Neighbour(hit, UUID(int=9), NOON, distance) for hit in found for distance in (1, 2, 3)
    ]
    sums = {
        lent(found, order)[UUID(int=9)] for order in islice(permutations(beside), 0, 50_000, 500)
    }
    assert len(sums) == 1


def test_age_takes_a_tenth_at_most() -> None:
    found = numbered(_1=1.0)
    half_life = timedelta(days=30)

    def after(halvings: float) -> float:
        now = NOON + halvings * half_life
        (score,) = freshened(found, created(found), now, half_life).values()
        return score

    assert after(0) == after(-1) == 1.0
    assert after(1) == pytest.approx(0.95)
    assert after(1000) == pytest.approx(0.9)
    assert freshened(found, created(found), NOON + half_life, None) == found


@given(scores, scores, st.floats(0.1, 2), st.integers(0, 20))
def test_the_best_is_one_and_nothing_is_below_nothing(
    keyword: list[float], semantic: list[float], meaning: float, limit: int
) -> None:
    found = fused(hits(*keyword), hits(*semantic, first=4), meaning)
    ordered = list(best_first(found, created(found), limit).values())
    assert len(ordered) <= limit
    assert all(0 < score <= 1 for score in ordered)
    assert ordered == sorted(ordered, reverse=True)
    if ordered:
        assert ordered[0] == 1


def test_of_equals_the_younger_comes_first() -> None:
    found = numbered(_1=1.0, _2=1.0)
    times = {UUID(int=1): NOON, UUID(int=2): NOON + timedelta(minutes=1)}
    assert list(best_first(found, times, 2)) == [UUID(int=2), UUID(int=1)]
