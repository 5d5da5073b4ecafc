"""Keyset pagination: which rows of an ordered list are asked for, with no offset ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, Self, TypeVar
from uuid import UUID

T = TypeVar("T")


class TimeKey(NamedTuple):
    """Where a row stands in a list ordered by time; the id settles ties."""

    created_at: datetime
    id: UUID

    def stepped(self, by: int) -> TimeKey:
        """The nearest possible key after (1) or before (-1) this one."""
        return TimeKey(self.created_at, UUID(int=min(max(self.id.int + by, 0), 2**128 - 1)))


class VersionKey(NamedTuple):
    """Where a row stands in the history of one context."""

    version: int

    def stepped(self, by: int) -> VersionKey:
        return VersionKey(self.version + by)


Key = TimeKey | VersionKey

EARLIEST = TimeKey(datetime(1, 1, 2, tzinfo=UTC), UUID(int=0))
LATEST = TimeKey(datetime(9999, 12, 30, tzinfo=UTC), UUID(int=2**128 - 1))
FIRST_VERSION = VersionKey(0)
LAST_VERSION = VersionKey(2**31 - 1)


class Within(NamedTuple):
    """On which side of its exclusive bounds a list by time is read, and these, spread out as arguments."""

    sides: tuple[str, ...]
    args: tuple[object, ...]

    def sql(self, alias: str, first: int) -> str:
        """The condition up to what else is asked; its placeholders begin there.

        Each stands in a query of its own, which hides it from the planner. Where it sees that little is left of a list,
        it takes its plan for the dearer one that it makes anew each time, and that is the same.
        """
        row = f"({alias}.created_at, {alias}.id)"
        keys = [
            f"((select ${number}::timestamptz), (select ${number + 1}::uuid))"
            for number in range(first, first + 2 * len(self.sides), 2)
        ]
        pairs = zip(self.sides, keys, strict=True)
        return "".join([f"{row} {side} {key} and " for side, key in pairs])


EVERYWHERE = Within((), ())


class Shape(NamedTuple):
    """What the statement of a page is made of: all but where its bounds are, which it is given."""

    sides: tuple[str, ...]
    order: str
    limit: int

    def within(self, alias: str, first: int) -> str:
        """The condition, as `Within.sql` has it."""
        return Within(self.sides, ()).sql(alias, first)


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list. `after` and `before` are exclusive and count in the list's own order.

    `limit` is the number of rows to read, of which the last `spare` ones are read only to see whether they are there.
    With `from_end` they are the last ones of the stretch instead
    of the first; the rows come in the list's order either way.
    """

    limit: int
    newest_first: bool = True
    from_end: bool = False
    after: Key | None = None
    before: Key | None = None
    spare: int = 1

    @property
    def descending(self) -> bool:
        """In which direction of time the statement reads."""
        return self.newest_first != self.from_end

    def bounds(self, lowest: Key, highest: Key) -> tuple[object, ...]:
        """The exclusive lower and upper key, spread out as arguments of a statement."""
        low, high = self._low_and_high()
        return (*(low or lowest), *(high or highest))

    @property
    def within(self) -> Within:
        """The same as a condition, of no more bounds than there are, for a list by time."""
        if self.after is None and self.before is None:
            return EVERYWHERE
        low, high = self._low_and_high()
        sides = (*((">",) if low else ()), *(("<",) if high else ()))
        return Within(sides, (*(low or ()), *(high or ())))

    @property
    def shape(self) -> Shape:
        """The same for many pages."""
        return Shape(self.within.sides, way(descending=self.descending), self.limit)

    def _low_and_high(self) -> tuple[Key | None, Key | None]:
        return (self.before, self.after) if self.newest_first else (self.after, self.before)

    def in_order(self, rows: list[T]) -> list[T]:
        """Rows as the statement read them, turned into the list's own order."""
        return rows[::-1] if self.from_end else rows

    def preceding(self) -> Self | None:
        """The one row that stands at or before `after`: it is there if there is a previous page."""
        if self.after is None:
            return None
        just_after = self.after.stepped(-1 if self.newest_first else 1)
        return type(self)(1, self.newest_first, from_end=True, before=just_after)

    def following(self) -> Self | None:
        """The one row that stands at or after `before`: it is there if there is a next page."""
        if self.before is None:
            return None
        just_before = self.before.stepped(1 if self.newest_first else -1)
        return type(self)(1, self.newest_first, after=just_before)


def way(*, descending: bool) -> str:
    """The direction in SQL."""
    return "desc" if descending else "asc"
