"""Values become what an answer holds, all values of a place at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from operator import is_
from typing import Any, Protocol

from graphql import GraphQLLeafType, is_enum_type

from api.plan.run import Run, Values, Waiting, is_waiting
from api.plan.unplanned import Unplanned


class Completion(Protocol):
    """What is made of the values of one place. One that `waits` may have something to read for them."""

    @property
    def waits(self) -> bool: ...

    def begun(self, run: Run, values: Values) -> Values | Waiting:
        """What is there at once, or is to be awaited."""


async def completed(completion: Completion, run: Run, values: Values) -> Values:
    """What it makes of the values, be there anything to wait for or not."""
    found = completion.begun(run, values)
    return await found if is_waiting(found) else found


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar or a value of an enum, which is in the answer as it is where nothing writes it. One may be `needed`."""

    write: Callable[[Any], Any] | None
    needed: bool = False
    waits = False

    def begun(self, run: Run, values: Values) -> Values:
        if self.needed and None in values:
            raise Unplanned
        return values if self.write is None else [self.write(value) for value in values]


AS_THEY_ARE = {"String", "JSON", "Boolean"}
"""Scalars whose values stand in the store, and in our objects, as they stand in an answer."""


def leaf(kind: GraphQLLeafType) -> Leaf:
    """What completes values of this scalar or enum."""
    if kind.name in AS_THEY_ARE:
        return Leaf(None)
    write = kind.coerce_output_value
    # Of an enum there are few values, each of them many times.
    return Leaf(lru_cache(maxsize=64, typed=True)(write) if is_enum_type(kind) else write)


@dataclass(frozen=True, slots=True)
class There:
    """There has to be something: what has nothing is an error, and no plan says any."""

    inner: Completion
    waits: bool

    def begun(self, run: Run, values: Values) -> Values | Waiting:
        if _has_gaps(values):
            raise Unplanned
        return self.inner.begun(run, values)


@dataclass(frozen=True, slots=True)
class Perhaps:
    """Where there is nothing, the answer is null."""

    inner: Completion
    waits: bool

    def begun(self, run: Run, values: Values) -> Values | Waiting:
        if not _has_gaps(values):
            return self.inner.begun(run, values)
        found = self.inner.begun(run, [value for value in values if value is not None])
        return run.then(found, partial(_spread, values))


@dataclass(frozen=True, slots=True)
class Lists:
    """Each value is a list; the items of all of them are completed together."""

    inner: Completion
    waits: bool

    def begun(self, run: Run, values: Values) -> Values | Waiting:
        found = self.inner.begun(run, list(chain.from_iterable(values)))
        return run.then(found, partial(_parted, values))


@dataclass(frozen=True, slots=True)
class ByType:
    """Each value is an object of one of several types, which are completed type by type."""

    of_type: Callable[[type], Completion]
    waits = True

    def begun(self, run: Run, values: Values) -> Values | Waiting:
        kinds = list(dict.fromkeys(map(type, values)))
        if len(kinds) == 1:
            return self.of_type(kinds[0]).begun(run, values)
        return self._together(run, values, kinds)

    async def _together(self, run: Run, values: Values, kinds: Sequence[type]) -> Values:
        # All of them before any begins: there may be one that no plan can be made of.
        completions = [self.of_type(kind) for kind in kinds]
        found = await run.together(
            [
                completed(completion, run, [v for v in values if type(v) is kind])
                for kind, completion in zip(kinds, completions, strict=True)
            ]
        )
        parts = {kind: iter(part) for kind, part in zip(kinds, found, strict=True)}
        return [next(parts[type(value)]) for value in values]


_is_none = partial(is_, None)


def _has_gaps(values: Values) -> bool:
    return any(map(_is_none, values))


def _spread(values: Values, found: Values) -> Values:
    """What was found for the values that are there, with the gaps of the others."""
    rest = iter(found)
    return [None if value is None else next(rest) for value in values]


def _parted(lists: Sequence[Values], found: Values) -> Values:
    """What was found for the items of all lists, list by list."""
    parts = []
    begins = 0
    for one in lists:
        ends = begins + len(one)
        parts.append(found[begins:ends])
        begins = ends
    return parts
