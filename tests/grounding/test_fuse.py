from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.grounding.fuse import best_first, freshened, fused, with_neighbours
from db.records import Hit, Neighbour
from tests.grounding.finds import NOON

scores = st.lists(st.floats(0.01, 50), max_size=8, unique=True).map(lambda s: sorted(s)[::-1])


def hits(*scores: float, first: int = 1) -> list[Hit]:
    """Finds numbered from `first`, best first."""
    return [Hit(UUID(int=n), NOON, score) for n, score in enumerate(scores, start=first)]


def test_the_best_of_each_arm_counts_what_the_arm_counts() -> None:
    found = fused(hits(8.0, 2.0), hits(0.9, 0.5, first=3), meaning=0.4)
    assert [found[UUID(int=n)].score for n in (1, 2, 3, 4)] == [1.0, 0.25, 0.4, 0.0]
    assert found[UUID(int=1)].keyword == 8.0
    assert found[UUID(int=1)].semantic is None
    assert found[UUID(int=3)].keyword is None
    assert found[UUID(int=3)].semantic == 0.9


def test_what_both_arms_have_found_is_better_than_what_one_has() -> None:
    found = fused(hits(8.0), hits(0.9, 0.8), meaning=0.4)
    assert found[UUID(int=1)].score == 1.4


def test_one_arm_alone_is_enough() -> None:
    assert fused(hits(8.0), (), meaning=0.4)[UUID(int=1)].score == 1.0
    assert fused((), hits(0.3), meaning=0.4)[UUID(int=1)].score == 0.4
    assert fused((), (), meaning=0.4) == {}


def test_a_find_lends_half_of_its_score_to_the_next_turn_and_half_of_that_to_the_one_after() -> (
    None
):
    found = fused(hits(8.0, 4.0), (), meaning=0.4)
    beside = [
        Neighbour(UUID(int=1), UUID(int=2), NOON, 1),
        Neighbour(UUID(int=1), UUID(int=9), NOON, 2),
    ]
    lent = with_neighbours(found, beside)
    assert lent[UUID(int=1)].score == 1.0
    assert lent[UUID(int=2)].score == 0.5 + 0.5
    assert lent[UUID(int=9)].score == 0.25
    assert lent[UUID(int=9)].keyword is None


def test_age_takes_a_tenth_at_most() -> None:
    found = fused(hits(8.0), (), meaning=0.4).values()
    half_life = timedelta(days=30)
    (now,) = freshened(found, NOON, half_life)
    (after_one,) = freshened(found, NOON + half_life, half_life)
    (long_after,) = freshened(found, NOON + 1000 * half_life, half_life)
    (still_to_come,) = freshened(found, NOON - half_life, half_life)
    assert now.score == still_to_come.score == 1.0
    assert after_one.score == pytest.approx(0.95)
    assert long_after.score == pytest.approx(0.9)
    assert freshened(found, NOON + half_life, None) == list(found)


@given(scores, scores, st.floats(0.1, 2))
def test_the_best_is_one_and_nothing_is_below_nothing(
    keyword: list[float], semantic: list[float], meaning: float
) -> None:
    ordered = best_first(fused(hits(*keyword), hits(*semantic, first=4), meaning).values())
    assert all(0 < one.score <= 1 for one in ordered)
    assert [one.score for one in ordered] == sorted((one.score for one in ordered), reverse=True)
    if ordered:
        assert ordered[0].score == 1
