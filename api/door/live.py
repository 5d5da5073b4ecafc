"""One operation told result by result, whatever carries the results to the client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, OperationType
from strawberry.types.execution import PreExecutionError

from api.door.asked import Asked
from api.door.caller import Caller
from api.door.charge import Charge
from api.door.course import Course, too_late
from api.door.documents import Prepared, Rejected
from api.door.doing import Gone
from api.door.shaping import codes, shaped
from api.operation import Operation

if TYPE_CHECKING:
    from api.door.http import Door

Tell = Callable[[dict[str, Any], str | None], Awaitable[None]]
"""Carries one payload to the client, with the id of the event that it tells, if that has one. Raises `Gone`."""

Errors = list[dict[str, Any]]


class LiveOperation:
    """One operation, from its preparation to its last result."""

    def __init__(self, door: Door, caller: Caller, asked: Asked) -> None:
        self._door = door
        self._caller = caller
        self._asked = asked
        self._codes: dict[str, None] = {}

    async def told(self, tell: Tell) -> Errors:
        """Tell each result. Gives the errors for which it could not begin or go on; none after the last result."""
        course = Course(self._door, self._caller, self._asked)
        try:
            await self._tell_all(tell, course)
        except Gone:
            pass
        except Rejected as rejected:
            return self._shaped(rejected.errors)
        except TimeoutError:
            late = too_late(self._door.settings.operation_timeout)
            return self._shaped([GraphQLError(str(late), original_error=late)])
        except Exception as error:  # noqa: BLE001  # whatever it was, the client must not wait for ever
            return self._shaped([GraphQLError(str(error), original_error=error)])
        finally:
            course.observe_end(tuple(self._codes))
        return []

    async def _tell_all(self, tell: Tell, course: Course) -> None:
        prepared = course.prepared = self._door.prepared(self._asked)
        with self._door.opened(self._caller, prepared) as operation:
            course.operation = operation
            operation.seen = self._caller.seen
            rates, most = operation.rates, self._door.settings.max_cost
            taken = await rates.take(operation.viewer, prepared.cost)
            charge = course.charge = Charge(rates, prepared, taken, most)
            async with (
                self._deadline(prepared),
                aclosing(await self._results(operation, prepared)) as results,
            ):
                async for result in results:
                    if isinstance(result, PreExecutionError):
                        raise Rejected(result.errors or [])
                    payload = self._payload(result)
                    if prepared.kind is not OperationType.SUBSCRIPTION:
                        if beyond := charge.settle(result):
                            await charge.give_back(beyond)
                        payload["extensions"] = {"cost": charge.told()}
                    await tell(payload, operation.event)

    async def _results(self, operation: Operation, prepared: Prepared) -> AsyncGenerator[Any, None]:
        return await self._door.schema.stream(
            prepared.source,
            variable_values=self._asked.variables,
            context_value=operation,
            operation_name=self._asked.operation_name,
        )

    def _payload(self, result: Any) -> dict[str, Any]:
        payload: dict[str, Any] = {"data": result.data}
        if result.errors:
            payload["errors"] = self._shaped(result.errors)
        return payload

    def _deadline(self, prepared: Prepared) -> AbstractAsyncContextManager[object]:
        if prepared.kind is OperationType.SUBSCRIPTION:
            return nullcontext()
        return asyncio.timeout(self._door.settings.operation_timeout)

    def _shaped(self, errors: Sequence[GraphQLError]) -> Errors:
        written = [shaped(one, self._caller.request_id, self._door.observe) for one in errors]
        self._codes |= dict.fromkeys(codes(written))
        return written
