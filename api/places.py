"""Places for what is in flight: so many at once, and whoever comes when all are taken hears so at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

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
        self.most = most
        self._what = what
        self._turned_away = turned_away
        self.taken = 0

    def one(self) -> Place:
        """A place for the length of a `with`. To enter it raises `Full`."""
        return Place(self)

    def turn_away(self) -> NoReturn:
        """Raises `Full`."""
        self._turned_away()
        raise Full(
            f"The server has {self.most} {self._what} in flight already; try again in a moment."
        )


class Place:
    """The place of one who is in flight."""

    __slots__ = ("_places",)

    def __init__(self, places: Places) -> None:
        self._places = places

    def __enter__(self) -> Place:
        places = self._places
        if places.taken >= places.most:
            places.turn_away()
        places.taken += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._places.taken -= 1

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
