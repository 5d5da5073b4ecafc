"""An edge of the graph in one operation: what many parents ask for in the same moment is one statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from aiodataloader import DataLoader

from api.lazily import lazily
from api.sources import Operation, Source
from db.paging import Page

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Asking(Operation, Protocol):
    """The operation that asks."""

    remember: bool
    """What was loaded once is not loaded again."""
    alone: asyncio.Task[Any] | None
    """The task beside which no other asks, so that there is nothing to gather; None: there may be others."""


class Edge(Generic[Key, Value]):
    """A dataloader whose futures outlive the one who first waited: a cancelled resolver harms no other."""

    def __init__(self, asking: Asking, source: Source[Key, Value]) -> None:
        self.asking = asking
        self.source = source
        self._alone: dict[Key, Value] = {}

    @lazily
    def _loader(self) -> DataLoader[Key, Value]:
        # It knows nothing of this edge, or the two would be left to the garbage collection.
        source, asking = self.source, self.asking

        async def load(keys: list[Key]) -> list[Value]:
            return list(await source.load_all(asking, keys))

        return DataLoader(load, cache=asking.remember)

    def load_all(self, keys: Sequence[Key]) -> Awaitable[Sequence[Value]]:
        """What all of these have, now and in one batch."""
        return self.source.load_all(self.asking, keys)

    async def load(self, key: Key) -> Value:
        if asyncio.current_task() is not self.asking.alone:
            if self.has_loaded(key):
                return self._alone[key]
            return await asyncio.shield(self._loader.load(key))
        if key not in self._alone:
            self._alone[key] = (await self.load_all([key]))[0]
        return self._alone[key]

    def has_loaded(self, key: Key) -> bool:
        """Whether it is there already."""
        return self.asking.remember and key in self._alone

    async def load_many(self, keys: Sequence[Key]) -> Sequence[Value]:
        """What several have, each of them asked for once."""
        missing = [key for key in dict.fromkeys(keys) if not self.has_loaded(key)]
        found: dict[Key, Value] = dict(zip(missing, await self._missing(missing), strict=True))
        return [found[key] if key in found else self._alone[key] for key in keys]

    async def _missing(self, keys: list[Key]) -> Sequence[Value]:
        if not keys:
            return ()
        if asyncio.current_task() is not self.asking.alone:
            return await asyncio.shield(asyncio.gather(*map(self._loader.load, keys)))
        found = await self.load_all(keys)
        self._alone.update(zip(keys, found, strict=True))
        return found

    def of(self, parent: object, *asked: object) -> Pages:
        """The pages of one parent along this edge."""
        return Pages(self, parent, asked)


@dataclass(slots=True)
class Pages:
    """The list of one parent along an edge, such as the contexts of a user that fit a filter: called, it reads one."""

    edge: Edge[Any, Any]
    parent: object
    asked: tuple[object, ...]

    def __call__(self, page: Page) -> Awaitable[Any]:
        return self.edge.load(self.key(page))

    def key(self, page: Page) -> tuple[object, ...]:
        return self.parent, page, *self.asked
