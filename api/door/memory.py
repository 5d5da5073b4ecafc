"""A memory that is bounded by what it holds weighs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")


class Memory(Generic[Key, Kept]):
    """What was used most recently; together it weighs at most `capacity` bytes."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._weight = 0
        self._kept: OrderedDict[Key, tuple[Kept, int]] = OrderedDict()

    def find(self, key: Key) -> Kept | None:
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def keep(self, key: Key, kept: Kept, weight: int) -> None:
        if weight > self._capacity or key in self._kept:
            return
        self._kept[key] = kept, weight
        self._weight += weight
        while self._weight > self._capacity:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._weight -= dropped
