"""A window of time over how long retrievals took."""

from __future__ import annotations

from api.observe import ListenerLost, Retrieved
from api.recent import Percentiles, Recent


class Clock:
    """Stands still unless it is told to go on."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def test_nothing_was_seen_and_so_nothing_is_said() -> None:
    assert Recent(60, 10).percentiles() == Percentiles(None, None, None)


def test_so_many_in_a_hundred_took_no_longer() -> None:
    recent = Recent(60, 1000)
    for number in range(100):
        recent.add(float(number * 37 % 100 + 1))
    assert recent.percentiles() == Percentiles(50.0, 95.0, 99.0)


def test_one_alone_is_all_of_them() -> None:
    recent = Recent(60, 10)
    recent.add(7.5)
    assert recent.percentiles() == Percentiles(7.5, 7.5, 7.5)


def test_what_is_older_than_the_window_is_forgotten() -> None:
    clock = Clock()
    recent = Recent(600, 10, clock)
    recent.add(1000)
    clock.time += 599
    recent.add(1)
    assert recent.percentiles().p99 == 1000
    clock.time += 2
    assert recent.percentiles().p99 == 1
    clock.time += 600
    assert recent.percentiles() == Percentiles()


def test_of_very_many_the_newest_are_kept() -> None:
    recent = Recent(60, 3)
    for milliseconds in (9000, 1, 2, 3):
        recent.add(milliseconds)
    assert recent.percentiles() == Percentiles(2, 3, 3)


def test_it_hears_of_retrievals_and_of_nothing_else() -> None:
    recent = Recent(60, 3)
    recent.hear(ListenerLost("gone"))
    recent.hear(Retrieved("someone", "search", 3, 12.5))
    assert recent.percentiles().p50 == 12.5
