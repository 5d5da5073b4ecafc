"""One time that a plan is carried out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from types import CoroutineType
from typing import TYPE_CHECKING, Any, NamedTuple

from api.operation import Operation
from api.plan.variables import Coerced

if TYPE_CHECKING:
    from typing_extensions import TypeIs

Values = Sequence[Any]
Waiting = Coroutine[Any, Any, Values]


def is_waiting(found: Values | Waiting) -> TypeIs[Waiting]:
    """Whether the values are to be awaited; to ask for the abstract type takes thrice as long."""
    return type(found) is CoroutineType


@dataclass(slots=True)
class Run:
    """What lives as long as it: the context of the resolvers, and the variables as they were given.

    `cost` is counted on the way, and `begun` is all that is to be awaited.
    """

    context: Operation
    variables: Coerced
    cost: int = 0
    begun: list[Waiting] = field(default_factory=list)

    def give_up(self, *others: Waiting) -> None:
        """It has failed: what nobody has come to await is not to be awaited any more, nor are these."""
        for one in (*others, *self.begun):
            one.close()

    def then(self, found: Values | Waiting, make: Callable[[Values], Values]) -> Values | Waiting:
        """What is made of the values, at once or when they have come."""
        if not is_waiting(found):
            return make(found)
        self.begun.append(found)
        return _made(found, make)

    async def waited(self, values: Sequence[Any]) -> Sequence[Any]:
        """The values, with what those give that are to be awaited."""
        waiting = [value for value in values if may_be_awaited(type(value))]
        if not waiting:
            return values
        found = iter(await self.together(waiting))
        return [next(found) if may_be_awaited(type(value)) else value for value in values]

    async def together(self, works: Sequence[Awaitable[Any]]) -> list[Any]:
        """What each of them gives. The first that fails ends the others, and is raised by itself."""
        if len(works) == 1:
            return [await works[0]]
        loaders = self.context.loaders
        alone, loaders.alone = loaders.alone, None
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            return await asyncio.gather(*tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            raise
        finally:
            loaders.alone = alone


async def _made(found: Awaitable[Values], make: Callable[[Values], Values]) -> Values:
    return make(await found)


class FieldInfo(NamedTuple):
    """What a resolver is given as its `info`: ours read no more of it."""

    context: Operation
    field_name: str


def may_be_awaited(kind: type) -> bool:
    """Whether values of this type are to be awaited; `inspect` looks three times for that."""
    return hasattr(kind, "__await__")
