"""How operations are executed: as Strawberry does, without remembering what is of no use any more."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from inspect import iscoroutine
from typing import Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.operation import Operation


class Executor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core 3.3 keeps the sub-fields that it has collected for each event of a subscription until its end.

    They are never found again: an event has a key of its own. So each event gets a memory of its own as well.
    Nor can it be told through Strawberry that what is wrong with a variable is said without hints.
    An operation that is given up in the very turn of the loop in which several of its fields would begin leaves their
    coroutines unbegun, of which Python would complain.
    """

    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Any:
        operation: Operation = args[3]
        kwargs["hide_suggestions"] = not operation.settings.suggestions
        return super().build(*args, **kwargs)

    def build_per_event_executor(self, payload: Any) -> Any:
        executor = super().build_per_event_executor(payload)
        executor._relevant_sub_fields = {}  # noqa: SLF001  # there is no public way to it
        return executor

    def complete_awaitable_value(
        self, kind: Any, fields: Any, info: Any, path: Any, result: Any, position: Any
    ) -> Any:
        awaited = Unbegun(result) if iscoroutine(result) else result
        return super().complete_awaitable_value(kind, fields, info, path, awaited, position)


class Unbegun:
    """A coroutine that is closed if it never begins."""

    __slots__ = ("_coroutine",)

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        # As long as it runs this one is held, too: who awaits it need not.
        return (yield from self._coroutine.__await__())

    def __del__(self) -> None:
        self._coroutine.close()
