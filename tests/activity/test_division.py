"""How time is divided for a plot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.activity.division import HOUR, LENGTHS, divided

NOW = datetime(2026, 11, 27, 19, 17, 42, tzinfo=UTC)
MOMENTS = st.integers(1_600_000_000, 2_800_000_000).map(
    lambda one: datetime.fromtimestamp(one, UTC)
)


@given(st.integers(1, 43_200), st.integers(2, 500), MOMENTS)
def test_whatever_is_asked_the_time_is_covered_by_no_more_stretches_without_a_gap(
    minutes: int, points: int, now: datetime
) -> None:
    division = divided(minutes, points, now)
    stretches = division.stretches()
    assert 1 <= len(stretches) <= points
    ends = now.replace(second=0, microsecond=0)
    begins = ends - timedelta(minutes=minutes)
    assert begins - timedelta(seconds=division.seconds) < stretches[0][0] <= begins
    for (at, seconds), (following, _) in pairwise(stretches):
        assert seconds == division.seconds
        assert at + timedelta(seconds=seconds) == following
    last, seconds = stretches[-1]
    assert last + timedelta(seconds=seconds) == ends
    assert 60 <= seconds <= division.seconds
    assert division.begins.timestamp() % division.seconds == 0


@pytest.mark.parametrize(
    ("minutes", "points", "length", "resolution"),
    [
        (60, 60, 60, 60),
        (60, 12, 600, 60),
        (1440, 96, 1200, 60),
        (1440, 60, 1800, 60),
        (10_080, 60, 3 * HOUR, HOUR),
        (43_200, 60, 24 * HOUR, HOUR),
        (43_200, 2, 30 * 24 * HOUR, HOUR),
    ],
)
def test_stretches_are_as_long_as_people_would_have_them(
    minutes: int, points: int, length: int, resolution: int
) -> None:
    division = divided(minutes, points, NOW)
    assert (division.seconds, division.resolution) == (length, resolution)


def test_a_month_in_the_finest_division_is_read_from_hours() -> None:
    assert divided(43_200, 500, NOW).resolution == HOUR
    assert all(length % HOUR == 0 for length in LENGTHS if length > HOUR)
