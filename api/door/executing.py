"""An operation is executed: by its plan where it has one, and by graphql-core where it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from strawberry import Schema
from strawberry.types import ExecutionResult

from api.door.documents import Prepared
from api.operation import Operation
from api.plan import Planner


@dataclass
class PlannedResult(ExecutionResult):
    """What a plan has given: data that orjson writes, and what it has cost."""

    cost: int = 0


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
            return PlannedResult(data=planned.data, errors=None, cost=planned.cost)
        return await self.schema.execute(
            prepared.source,
            variable_values=dict(variables) if variables else None,
            context_value=operation,
            operation_name=operation_name,
        )
