"""The tree of a plan: selections of objects, and the fields of which they consist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any, NamedTuple, Protocol

from api.plan.arguments import Call
from api.plan.completing import Completion
from api.plan.objects import ObjectReading
from api.plan.pages import PageReading
from api.plan.run import Run, Values, Waiting, is_waiting, may_be_awaited
from api.schema.connection import Listing
from api.schema.found import Found
from db.documents import Document


class Field(Protocol):
    """What stands under one key of an answer. One that `waits` may have something to read."""

    @property
    def key(self) -> str: ...

    @property
    def waits(self) -> bool: ...

    def begun(self, run: Run, sources: Values) -> Values | Waiting:
        """What is there at once, or is to be awaited."""


class Plain(NamedTuple):
    """A value that an object knows by itself, and that is in the answer as it is."""

    key: str
    of: Callable[[Any], Any]
    needed: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """What is asked of objects of one type, of all of them together. Each of them costs `each`.

    Where there are only `plain` values they are read object by object.
    """

    fields: Sequence[Field]
    each: int
    waits: bool
    blank: dict[str, Any]
    """An answer with nothing in it: keys stand in the order in which they are asked for, not in that of the answers."""
    plain: Sequence[Plain] | None

    def begun(self, run: Run, sources: Values) -> Values | Waiting:
        run.cost += self.each * len(sources)
        if self.plain:
            try:
                return [_plain(self.plain, source) for source in sources]
            except NotPlain:
                # Field by field there may be something to wait for.
                pass
        answers: list[dict[str, Any]] = [self.blank.copy() for _ in sources]
        waiting: dict[str, Waiting] = {}
        for field in self.fields if answers else ():
            found = field.begun(run, sources)
            if is_waiting(found):
                run.begun.append(found)
                waiting[field.key] = found
            else:
                key = field.key
                for answer, value in zip(answers, found, strict=True):
                    answer[key] = value
        return self._awaited(run, answers, waiting) if waiting else answers

    async def _awaited(
        self, run: Run, answers: Sequence[dict[str, Any]], waiting: dict[str, Waiting]
    ) -> Values:
        works = list(waiting.values())
        found = await run.together(works) if len(works) > 1 else [await works[0]]
        for key, values in zip(waiting, found, strict=True):
            for answer, value in zip(answers, values, strict=True):
                answer[key] = value
        return answers


AS_IT_IS = frozenset({str, int, float, bool, list, dict, Document, NoneType})
"""What may be in an answer as it is: whatever is of another type may be awaited."""


class NotPlain(Exception):
    """A value is of another kind than its field lets expect."""


def _plain(fields: Sequence[Plain], source: Any) -> dict[str, Any]:
    answer = {}
    for key, of, needed in fields:
        answer[key] = value = of(source)
        if type(value) not in AS_IT_IS or (needed and value is None):
            raise NotPlain
    return answer


@dataclass(frozen=True, slots=True)
class TypeName:
    """`__typename`, which is the same for all."""

    key: str
    name: str
    waits = False

    def begun(self, run: Run, sources: Values) -> Values:
        return [self.name] * len(sources)


@dataclass(frozen=True, slots=True)
class Stored:
    """A field that is read from the object, or from its record."""

    key: str
    of: Callable[[Any], Any]
    completion: Completion
    waits: bool

    def begun(self, run: Run, sources: Values) -> Values | Waiting:
        return self.completion.begun(run, list(map(self.of, sources)))


@dataclass(frozen=True, slots=True)
class Resolved:
    """A field with a resolver of its own, which is called for each object; it costs `work` each time.

    What the resolvers give to be awaited is awaited together. `pages` reads what lists they name, and `objects` what
    single objects.
    """

    key: str
    call: Call
    completion: Completion
    work: int
    waits: bool
    is_async: bool
    pages: PageReading | None = None
    objects: ObjectReading | None = None

    def begun(self, run: Run, sources: Values) -> Values | Waiting:
        if self.is_async:
            return self._awaited(run, sources)
        run.cost += self.work * len(sources)
        values = self.call.of_all(run, sources)
        if any(map(may_be_awaited, set(map(type, values)))):
            return self._read(run, values)
        return self.completion.begun(run, values)

    async def _awaited(self, run: Run, sources: Values) -> Values:
        run.cost += self.work * len(sources)
        return await self._read(run, self.call.of_all(run, sources))

    async def _read(self, run: Run, values: Values) -> Values:
        completion = self.completion
        kind = _kind(values)
        if kind is Listing and self.pages:
            values, completion = await self.pages.read(run, values)
        elif kind is Found and self.objects:
            values, completion = await self.objects.read(run, values)
        else:
            values = await run.waited(values)
        found = completion.begun(run, values)
        return await found if is_waiting(found) else found


def _kind(values: Values) -> type | None:
    """The type of the first that is there."""
    for value in values:
        if value is not None:
            return type(value)
    return None
