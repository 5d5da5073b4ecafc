"""An edge of the graph in one operation: what many parents ask for in the same moment is one statement."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from aiodataloader import DataLoader

from api.lazily import lazily
from db.inside import Rows
from db.leaves import LeafPage
from db.objects import Object, Wanted
from db.paging import Page

Key = TypeVar("Key", bound=Hashable)
Parent = TypeVar("Parent", bound=Hashable)
Value = TypeVar("Value")


class Asking(Protocol):
    """The operation that asks."""

    remember: bool
    """What was loaded once is not loaded again."""
    alone: asyncio.Task[Any] | None
    """The task beside which no other asks, so that there is nothing to gather; None: there may be others."""


@dataclass(frozen=True, slots=True)
class Written:
    """How what is at the end of an edge comes written by the store, where that can be.

    `pages` loads pages of objects, laid out as is asked and with lists inside, and `one` a single one. `inside` says
    how the rows of a page are read in a statement that reads those of their parents.
    """

    pages: Callable[..., Awaitable[Sequence[LeafPage]]] | None = None
    one: Callable[[Any, Wanted], Awaitable[Object | None]] | None = None
    inside: Callable[..., Rows] | None = None


NOTHING_WRITTEN = Written()


class Edge(Generic[Key, Value]):
    """A dataloader whose futures outlive the one who first waited: a cancelled resolver harms no other."""

    def __init__(
        self,
        asking: Asking,
        batch: Callable[[list[Key]], Awaitable[Sequence[Value]]],
        written: Written = NOTHING_WRITTEN,
    ) -> None:
        self._asking = asking
        self.load_all = batch
        """What all of these have, now and in one batch."""
        self.written = written
        """The ways to the same as JSON."""

        self._alone: dict[Key, Value] = {}

    @lazily
    def _loader(self) -> DataLoader[Key, Value]:
        async def load(keys: list[Key]) -> list[Value]:
            return list(await self.load_all(keys))

        return DataLoader(load, cache=self._asking.remember)

    async def load(self, key: Key) -> Value:
        if asyncio.current_task() is not self._asking.alone:
            if key in self._alone and self._asking.remember:
                return self._alone[key]
            return await asyncio.shield(self._loader.load(key))
        if key not in self._alone:
            self._alone[key] = (await self.load_all([key]))[0]
        return self._alone[key]

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


async def batched(
    read: Callable[..., Awaitable[Mapping[Parent, Value]]],
    absent: Callable[[], Value],
    keys: list[tuple[Parent, *tuple[object, ...]]],
) -> list[Value]:
    """Keys are a parent and what is asked of it; parents of whom the same is asked share a statement."""
    asked = keys[0][1:]
    if all(key[1:] == asked for key in keys):
        # As it is nearly always.
        found = await read(list(dict.fromkeys(key[0] for key in keys)), *asked)
        return [found[key[0]] if key[0] in found else absent() for key in keys]
    alike: dict[tuple[object, ...], list[Any]] = defaultdict(list)
    for key in keys:
        alike[key[1:]].append(key)
    answers = {
        key: answer
        for group in alike.values()
        for key, answer in zip(group, await batched(read, absent, group), strict=True)
    }
    return [answers[key] for key in keys]
