"""An operation is executed: by its plan where it has one, and by graphql-core where it has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError
from pydantic import ValidationError
from strawberry import Schema
from strawberry.types import ExecutionResult

from api.door.documents import Prepared
from api.errors import Internal
from api.observe import Faulted, Observer
from api.operation import Operation
from api.plan import Planner
from api.refusals import refusal


def watched(observe: Observer) -> Callable[[Exception], None]:
    """Observes why a plan was given up, where that is a fault of ours; who asks for what is wrong is told so anyway."""

    def given_up(error: Exception) -> None:
        asked_wrongly = isinstance(error, GraphQLError | ValidationError)
        if not asked_wrongly and isinstance(refusal(error), Internal):
            observe(Faulted("", "plan", error))

    return given_up


class Executing:
    """Executes what is answered at once."""

    def __init__(self, schema: Schema, planner: Planner) -> None:
        self.schema = schema
        self._planner = planner

    async def executed(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any] | None,
        operation: Operation,
        operation_name: str | None,
    ) -> ExecutionResult:
        """The result, by either way the same."""
        planned = await self._planner.answer(prepared, variables, operation)
        if planned is not None:
            return planned
        # What is loaded already is there sooner, and which of several errors is told may depend on that.
        operation.begin_anew()
        return await self.executed_by_core(prepared, variables, operation, operation_name)

    async def executed_by_core(
        self,
        prepared: Prepared,
        variables: Mapping[str, Any] | None,
        operation: Operation,
        operation_name: str | None,
    ) -> ExecutionResult:
        """The result by graphql-core alone, with the errors in the order of their fields."""
        result = await self.schema.execute(
            prepared.source,
            variable_values=dict(variables) if variables else None,
            context_value=operation,
            operation_name=operation_name,
        )
        if result.errors:
            result.errors.sort(key=_place)
        return result


def _place(error: GraphQLError) -> tuple[list[tuple[int, int]], list[Any]]:
    """Where the field stands in the document, then where its value stands in the answer."""
    places = [(place.line, place.column) for place in error.locations or ()]
    return places, error.path or []
