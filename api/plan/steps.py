"""The tree of a plan: selections of objects, and the fields of which they consist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Protocol

from api.plan.arguments import Arguments
from api.plan.completing import Completion, Values, completed
from api.plan.pages import PageReading
from api.plan.run import Run
from api.plan.unplanned import Unplanned
from api.schema.connection import Listing
from api.schema.node import read_stored


class Field(Protocol):
    """What stands under one key of an answer. One that `waits` has something to read."""

    @property
    def key(self) -> str: ...

    @property
    def waits(self) -> bool: ...

    def at_once(self, run: Run, sources: Values) -> Values: ...

    async def in_time(self, run: Run, sources: Values) -> Values: ...


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of objects of one type, of all of them together. Each of them costs `each`."""

    fields: Sequence[Field]
    each: int
    waits: bool

    def at_once(self, run: Run, sources: Values) -> Values:
        run.cost += self.each * len(sources)
        answers: list[dict[str, Any]] = [{} for _ in sources]
        for field in self.fields:
            _place(answers, field.key, field.at_once(run, sources))
        return answers

    async def in_time(self, run: Run, sources: Values) -> Values:
        run.cost += self.each * len(sources)
        # The keys stand in the order in which they are asked for, not in that in which they are answered.
        keys = [field.key for field in self.fields]
        answers: list[dict[str, Any]] = [dict.fromkeys(keys) for _ in sources]
        if not answers:
            return answers
        waiting = [field for field in self.fields if field.waits]
        for field in self.fields:
            if not field.waits:
                _place(answers, field.key, field.at_once(run, sources))
        found = await run.together([field.in_time(run, sources) for field in waiting])
        for field, values in zip(waiting, found, strict=True):
            _place(answers, field.key, values)
        return answers


def _place(answers: Sequence[dict[str, Any]], key: str, values: Values) -> None:
    for answer, value in zip(answers, values, strict=True):
        answer[key] = value


@dataclass(frozen=True, slots=True)
class TypeName:
    """`__typename`, which is the same for all."""

    key: str
    name: str
    waits = False

    def at_once(self, run: Run, sources: Values) -> Values:
        return [self.name] * len(sources)

    async def in_time(self, run: Run, sources: Values) -> Values:
        return self.at_once(run, sources)


@dataclass(frozen=True, slots=True)
class Stored:
    """A field that is read from the object, or from its record."""

    key: str
    name: str
    completion: Completion
    waits: bool

    def at_once(self, run: Run, sources: Values) -> Values:
        return self.completion.at_once(run, self._values(sources))

    async def in_time(self, run: Run, sources: Values) -> Values:
        return await self.completion.in_time(run, self._values(sources))

    def _values(self, sources: Values) -> Values:
        name = self.name
        return [read_stored(source, name) for source in sources]


@dataclass(frozen=True, slots=True)
class Resolved:
    """A field with a resolver of its own, which is called for each object; it costs `work` each time.

    What the resolvers give to be awaited is awaited together. `pages` reads what lists they name.
    """

    key: str
    resolver: Callable[..., Any]
    arguments: Arguments
    completion: Completion
    work: int
    waits: bool
    pages: PageReading | None = None

    def at_once(self, run: Run, sources: Values) -> Values:
        values = self._values(run, sources)
        if any(isawaitable(value) for value in values):
            raise Unplanned
        return self.completion.at_once(run, values)

    async def in_time(self, run: Run, sources: Values) -> Values:
        values = self._values(run, sources)
        completion = self.completion
        if values and self.pages and type(values[0]) is Listing:
            values, completion = await self.pages.read(run, values)
        elif values and isawaitable(values[0]):
            values = await run.together(values)
        return await completed(completion, run, values)

    def _values(self, run: Run, sources: Values) -> Values:
        run.cost += self.work * len(sources)
        given = self.arguments.given(run)
        resolver = self.resolver
        return [resolver(source, **given) for source in sources]
