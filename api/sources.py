"""How the store reads what is at the end of an edge, in whichever operation: in batches, each of them observed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar

from api.batch import Batch, Reading
from db.inside import Layout, Rows
from db.leaves import LeafPage
from db.objects import Object, Wanted
from db.paging import Page
from db.pool import Database
from db.scope import NOBODY

Key = TypeVar("Key", bound=Hashable)
Key_contra = TypeVar("Key_contra", bound=Hashable, contravariant=True)
Parent = TypeVar("Parent", bound=Hashable)
Value = TypeVar("Value")
Value_co = TypeVar("Value_co", covariant=True)


class Operation(Reading, Protocol):
    """The operation that reads."""

    db: Database


class Source(Protocol[Key_contra, Value_co]):
    """What all of several keys have, in one batch."""

    async def load_all(self, of: Operation, keys: Sequence[Key_contra]) -> Sequence[Value_co]: ...


@dataclass(frozen=True, slots=True)
class One(Generic[Key, Value]):
    """Single rows by their keys. `written` reads one as JSON, where that can be, laid out as is wanted.

    `of_contexts` says that what it reads is contexts, be there any or not.
    """

    read: Callable[[Database, Sequence[Key]], Awaitable[Mapping[Key, Value]]]
    written: Callable[[Database, Key, Wanted], Awaitable[Object | None]] | None = None
    of_contexts: bool = False

    async def load_all(self, of: Operation, keys: Sequence[Key]) -> Sequence[Value | None]:
        with Batch(of, self.read, keys, of_contexts=self.of_contexts) as batch:
            found = await self.read(of.db, keys)
            batch.has_read(found.values())
        return [found.get(key) for key in keys]

    async def load_written(self, of: Operation, key: Key, wanted: Wanted) -> Object | None:
        """One as JSON, if it is there."""
        assert self.written  # noqa: S101  # or nobody asks for it
        with Batch(of, self.read, (key,), of_contexts=self.of_contexts) as batch:
            found = await self.written(of.db, key, wanted)
            batch.has_read((found,) if found else ())
        return found


@dataclass(frozen=True, slots=True)
class Many(Generic[Key, Value]):
    """What stands in relation to each parent: a page of rows, or their number. A parent that has none has `absent`.

    Of pages, `leaves` reads the rows as JSON, where that can be, and `inside` says how they are read in a statement
    that reads the rows of their parents; it is given the name under which contexts are seen.
    """

    read: Callable[..., Awaitable[Mapping[Any, Value]]]
    absent: Callable[[], Value]
    leaves: Callable[..., Awaitable[Mapping[Any, LeafPage]]] | None = None
    inside: Callable[..., Rows] | None = None
    of_contexts: bool = False

    async def load_all(self, of: Operation, keys: Sequence[Any]) -> Sequence[Value]:
        with Batch(of, self.read, keys, of_contexts=self.of_contexts) as batch:
            found = await batched(partial(self.read, of.db), self.absent, keys)
            if self.of_contexts:
                batch.has_read(chain.from_iterable(map(_shown, keys, found)))
        return found

    async def load_leaves(
        self, of: Operation, keys: Sequence[Any], layout: Layout, lists: Sequence[Rows]
    ) -> Sequence[LeafPage]:
        """Pages of JSON."""
        assert self.leaves  # noqa: S101  # or nobody asks for it
        with Batch(of, self.read, keys, of_contexts=self.of_contexts) as batch:
            pages = partial(self.leaves, of.db, layout=layout, lists=lists)
            found = await batched(pages, _no_leaves, keys)
            batch.has_read(found)
        return found


async def batched(
    read: Callable[..., Awaitable[Mapping[Parent, Value]]],
    absent: Callable[[], Value],
    keys: Sequence[tuple[Parent, *tuple[object, ...]]],
) -> list[Value]:
    """Keys are a parent and what is asked of it; parents of whom the same is asked share a statement."""
    parent, *asked = keys[0]
    if len(keys) == 1:
        found = await read([parent], *asked)
        return [found[parent] if parent in found else absent()]
    if all(key[1:] == keys[0][1:] for key in keys):
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


def _shown(key: tuple[object, Page], rows: Any) -> Any:
    """The rows of a page without the one too many, which nobody sees."""
    _, asked, *_ = key
    if len(rows) < asked.limit:
        return rows
    return rows[1:] if asked.from_end else rows[:-1]


def _no_leaves() -> LeafPage:
    return LeafPage(NOBODY, (), (), ())
