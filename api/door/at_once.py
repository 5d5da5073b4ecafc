"""One operation answered at once, over HTTP: its data, its errors, or the status that says why there is neither."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError, OperationType
from starlette.responses import Response
from strawberry.types import ExecutionResult

from api.door.accept import EVENT_STREAM, GRAPHQL_RESPONSE
from api.door.answer import Answer
from api.door.begun import Begun
from api.door.body import body_of
from api.door.charge import Charge, limited_headers
from api.door.course import Course, too_late
from api.door.documents import Prepared, Rejected
from api.door.doing import Gone, while_there
from api.door.in_flight import RETRY
from api.door.opened import Opened
from api.door.refused import Refused
from api.door.request import Request
from api.door.shaping import codes, shaped
from api.errors import BadUserInput, Internal, OperationTooCostly, RateLimited
from api.places import Full

CLIENT_GONE = 499
"""The status that nobody hears, as proxies log it."""


class OperationAtOnce(Course):
    """One operation, from its preparation to its answer."""

    __slots__ = ()

    async def answered(self, request: Request, media_type: str) -> Response | Answer:
        """The answer in this media type. Raises `Refused`."""
        written = ""
        try:
            prepared = self.prepared = self.door.prepared(self.asked)
            if prepared.kind is not OperationType.QUERY:
                _require_method(request.method, prepared.kind)
            result, charge = await self._run(request, prepared)
            answer = self._written(result)
            if beyond := charge.settle(result):
                await charge.give_back(beyond)
            answer["extensions"] = {"cost": charge.told()}
            written = charge.written()
        except Rejected as rejected:
            answer = {"errors": self._shaped(rejected.errors)}
        except Gone:
            self.observe_end(())
            return Response(status_code=CLIENT_GONE)
        except Refused as refused:
            self.observe_end((refused.refusal.code,))
            raise
        except BaseException as error:
            # What has begun ends, also by a fault of ours, or with the server.
            self.observe_end((Internal.code,) if isinstance(error, Exception) else ())
            raise
        try:
            return self._sent_ahead(request, media_type, answer, written)
        finally:
            self.observe_end(codes(answer["errors"]) if "errors" in answer else ())

    def _sent_ahead(
        self, request: Request, media_type: str, answer: dict[str, Any], written: str
    ) -> Answer:
        """The answer, on its way to whoever waits for it before anything is told of it."""
        # By the newer media type a request that was never executed is a failed one; by the older all is well.
        status = 400 if media_type == GRAPHQL_RESPONSE and "data" not in answer else 200
        body, id = body_of(answer), self.caller.request_id
        sent = Answer(request.scope, id, body, status, media_type, written)
        sent.send_ahead(request.send)
        return sent

    async def _run(self, request: Request, prepared: Prepared) -> tuple[ExecutionResult, Charge]:
        try:
            with Opened(self.door, self.caller, prepared) as operation:
                self.operation = operation
                rates, most = operation.rates, self.door.settings.max_cost
                taken = await rates.take(operation.viewer, prepared.cost)
                charge = self.charge = Charge(rates, prepared, taken, most)
                asked, executed = self.asked, self.door.executing.executed
                executing = Begun(
                    executed(prepared, asked.variables, operation, asked.operation_name)
                )
                if not executing.waits:
                    return executing.done, charge
                return await self._in_time(request, executing), charge
        except (Full, RateLimited, OperationTooCostly) as limited:
            raise self._limited(limited) from limited

    def _limited(self, limited: Full | RateLimited | OperationTooCostly) -> Refused | Rejected:
        if isinstance(limited, Full):
            return Refused(503, limited, RETRY)
        if isinstance(limited, OperationTooCostly):
            return Rejected.because(limited)
        return Refused(429, limited, limited_headers(limited, self.door.settings.rate_window))

    async def _in_time(
        self, request: Request, executing: Begun[ExecutionResult]
    ) -> ExecutionResult:
        seconds = self.door.settings.operation_timeout
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
        return [shaped(error, self.caller.request_id, self.door.observe) for error in errors]


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
