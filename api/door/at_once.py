"""One operation answered at once, over HTTP: its data, its errors, or the status that says why there is neither."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson
from graphql import GraphQLError, OperationType
from starlette.responses import Response
from strawberry.types import ExecutionResult

from api.door.accept import EVENT_STREAM, GRAPHQL_RESPONSE
from api.door.answer import Answer
from api.door.asked import Asked
from api.door.begun import Begun
from api.door.caller import Caller
from api.door.charge import Charge, charged, limited_headers
from api.door.course import Course, too_late
from api.door.documents import Prepared, Rejected
from api.door.doing import Gone, while_there
from api.door.in_flight import RETRY
from api.door.refused import Refused
from api.door.request import Request
from api.door.shaping import codes, shaped
from api.errors import BadUserInput, Internal, OperationTooCostly, RateLimited
from api.operation import Operation
from api.places import Full

if TYPE_CHECKING:
    from api.door.http import Door

CLIENT_GONE = 499
"""The status that nobody hears, as proxies log it."""


class OperationAtOnce:
    """One operation, from its preparation to its answer."""

    def __init__(self, door: Door, caller: Caller, asked: Asked) -> None:
        self._door = door
        self._caller = caller
        self._asked = asked
        self._course = Course(caller, asked)

    async def answered(self, request: Request, media_type: str) -> Response | Answer:
        """The answer in this media type. Raises `Refused`."""
        course = self._course
        written = ""
        try:
            prepared = course.prepared = self._door.prepared(self._asked)
            if prepared.kind is not OperationType.QUERY:
                _require_method(request.method, prepared.kind)
            result, charge = await self._run(request, prepared)
            answer = self._written(result)
            answer["extensions"] = {"cost": await charge.settled(result)}
            written = charge.written()
        except Rejected as rejected:
            answer = {"errors": self._shaped(rejected.errors)}
        except Gone:
            self._observe_end(())
            return Response(status_code=CLIENT_GONE)
        except Refused as refused:
            self._observe_end((refused.refusal.code,))
            raise
        except BaseException as error:
            # What has begun ends, also by a fault of ours, or with the server.
            self._observe_end((Internal.code,) if isinstance(error, Exception) else ())
            raise
        self._observe_end(codes(answer["errors"]) if "errors" in answer else ())
        # By the newer media type a request that was never executed is a failed one; by the older all is well.
        status = 400 if media_type == GRAPHQL_RESPONSE and "data" not in answer else 200
        body, id = orjson.dumps(answer), self._caller.request_id
        return Answer(request.scope, id, body, status, media_type, written)

    async def _run(self, request: Request, prepared: Prepared) -> tuple[ExecutionResult, Charge]:
        try:
            with self._door.opened(self._caller, prepared) as operation:
                self._course.operation = operation
                charge = self._course.charge = await self._charged(operation, prepared)
                executing = Begun(
                    self._door.executing.executed(
                        prepared, self._asked.variables, operation, self._asked.operation_name
                    )
                )
                if not executing.waits:
                    return executing.done, charge
                return await self._in_time(request, executing), charge
        except Full as full:
            raise Refused(503, full, RETRY) from full

    async def _charged(self, operation: Operation, prepared: Prepared) -> Charge:
        try:
            return await charged(operation, prepared)
        except RateLimited as limited:
            headers = limited_headers(limited, self._door.settings.rate_window)
            raise Refused(429, limited, headers) from limited
        except OperationTooCostly as costly:
            raise Rejected.because(costly) from costly

    async def _in_time(
        self, request: Request, executing: Begun[ExecutionResult]
    ) -> ExecutionResult:
        seconds = self._door.settings.operation_timeout
        try:
            return await while_there(request.receive, executing, seconds)
        except TimeoutError as error:
            raise Refused(504, too_late(seconds)) from error

    def _written(self, result: ExecutionResult) -> dict[str, Any]:
        if not result.errors:
            return {} if result.data is None else {"data": result.data}
        answer: dict[str, Any] = {"errors": self._shaped(result.errors)}
        # Without data, an error that has a path is of an execution; one that has none forbade it.
        if result.data is not None or any(error.path for error in result.errors):
            answer["data"] = result.data
        return answer

    def _shaped(self, errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
        return [shaped(error, self._caller.request_id, self._door.observe) for error in errors]

    def _observe_end(self, codes: tuple[str, ...]) -> None:
        self._door.observe(self._course.ended(codes))


def _require_method(method: str, kind: OperationType) -> None:
    if kind is OperationType.SUBSCRIPTION:
        live = BadUserInput(
            f"A subscription is followed over a WebSocket (graphql-transport-ws), or with Accept: {EVENT_STREAM}."
        )
        raise Refused(400, live)
    if method != "POST" and kind is OperationType.MUTATION:
        raise a_mutation_is_posted()


def a_mutation_is_posted() -> Refused:
    """What is said of one that comes in a URL."""
    return Refused(405, BadUserInput("A mutation is sent with POST."), {"Allow": "POST"})
