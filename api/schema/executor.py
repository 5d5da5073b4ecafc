"""How operations are executed: as Strawberry does, without remembering what is of no use any more."""

from __future__ import annotations

from typing import Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from api.operation import Operation


class Executor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core 3.3 keeps the sub-fields that it has collected for each event of a subscription until its end.

    They are never found again: an event has a key of its own. So each event gets a memory of its own as well.
    Nor can it be told through Strawberry that what is wrong with a variable is said without hints.
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
