"""How a length of time is divided for a plot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINUTE, HOUR = 60, 3600

LENGTHS = tuple(
    minutes * MINUTE
    for minutes in (
        *(1, 2, 5, 10, 15, 20, 30),
        *(hours * 60 for hours in (1, 2, 3, 4, 6, 8, 12)),
        *(days * 1440 for days in (1, 2, 5, 10, 30)),
    )
)
"""Seconds that a stretch may be long, so that it begins where people would have it begin."""


@dataclass(frozen=True, slots=True)
class Division:
    """Stretches of so many `seconds` from `begins` on; the last one is cut off where the time ends."""

    begins: datetime
    ends: datetime
    seconds: int

    @property
    def resolution(self) -> int:
        """The longest stretches of the store that these are made of, in seconds."""
        return MINUTE if self.seconds % HOUR else HOUR

    def stretches(self) -> list[tuple[datetime, int]]:
        """Where each begins, and how many seconds it is long."""
        step = timedelta(seconds=self.seconds)
        begins = [self.begins + number * step for number in range(self._count)]
        return [(at, int((min(at + step, self.ends) - at).total_seconds())) for at in begins]

    @property
    def _count(self) -> int:
        return -((self.begins - self.ends) // timedelta(seconds=self.seconds))


def divided(minutes: int, points: int, now: datetime) -> Division:
    """The last so many whole minutes in at most so many stretches, 2 or more; the first may begin before them."""
    ends = int(now.timestamp()) // MINUTE * MINUTE
    begins = ends - minutes * MINUTE
    length = next(one for one in LENGTHS if -(-ends // one) - begins // one <= points)
    return Division(_moment(begins // length * length), _moment(ends), length)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
