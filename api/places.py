"""Places for what is in flight: so many at once, and whoever comes when all are taken hears so at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.errors import ServiceUnavailable

RETRY_SECONDS = 1
"""When whoever was turned away may come again."""


class Full(ServiceUnavailable):
    """Every place is taken. A queue would only grow."""


class Places:
    """So many places of one kind; `what` names in the plural those who take them.

    `turned_away` is called when somebody comes and all are taken.
    """

    def __init__(
        self, most: int, what: str, turned_away: Callable[[], None] = lambda: None
    ) -> None:
        self._most = most
        self._what = what
        self._turned_away = turned_away
        self.taken = 0

    @contextmanager
    def one(self) -> Iterator[Place]:
        """A place for the length of the block. Raises `Full`."""
        self.require_one()
        self.taken += 1
        try:
            yield Place(self)
        finally:
            self.taken -= 1

    def require_one(self) -> None:
        """Raises `Full` unless a place is free."""
        if self.taken >= self._most:
            self._turned_away()
            raise Full(
                f"The server has {self._most} {self._what} in flight already; try again in a moment."
            )


class Place:
    """The place of one who is in flight."""

    def __init__(self, places: Places) -> None:
        self._places = places

    @contextmanager
    def left(self) -> Iterator[None]:
        """Within the block somebody else may have it; whoever comes back has one, though it be one too many."""
        self._places.taken -= 1
        try:
            yield
        finally:
            self._places.taken += 1


def no_place() -> Place:
    """The place of our own code, which nobody counts."""
    return Place(Places(0, "operations"))
