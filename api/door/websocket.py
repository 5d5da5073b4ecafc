"""GraphQL over WebSocket by `graphql-transport-ws`: each message checked, each operation on its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from time import perf_counter
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, OperationType
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    Message,
    SubscribeMessage,
)
from strawberry.types.execution import PreExecutionError

from api.door.documents import Prepared, Rejected
from api.door.message import fault_in
from api.door.request_id import request_id
from api.door.shaping import codes, shaped
from api.errors import OperationTooCostly, Timeout
from api.observe import OperationEnded

if TYPE_CHECKING:
    from api.door.http import Door

Ran = Operation[Any, None]

MOST_OPERATIONS = 100
"""How many may run on one socket at a time."""


class Handler(BaseGraphQLTransportWSHandler[Any, None]):
    """One socket. Strawberry keeps the protocol's states; what the messages hold is checked and run here."""

    view: Door

    async def handle_message(self, message: Message) -> None:
        if fault := fault_in(message):
            await self.handle_invalid_message(fault)
            return
        if message.get("payload", {}) is None:
            # The protocol lets a payload be null where it may be left out; Strawberry does not.
            message = {key: value for key, value in message.items() if key != "payload"}  # type: ignore[assignment]
        await super().handle_message(message)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        most = self.max_subscriptions_per_connection or MOST_OPERATIONS
        known = not self.connection_acknowledged or message["id"] in self.operations
        if known or len(self.operations) < most:
            await super().handle_subscribe(message)
        else:
            await self._refuse_one_more(message["id"], most)

    async def _refuse_one_more(self, id: str, most: int) -> None:
        busy = OperationTooCostly(
            f"This socket runs {most} operations already; complete one of them first.",
            measure="operations",
            value=most + 1,
            limit=most,
        )
        error = GraphQLError(str(busy), original_error=busy)
        payload: Any = [shaped(error, request_id(None), self.view.observe)]
        await self.send_message({"id": id, "type": "error", "payload": payload})

    async def run_operation(self, operation: Ran) -> None:
        running = RunOperation(self, operation)
        try:
            await running.run()
        finally:
            self.operations.pop(operation.id, None)


class RunOperation:
    """One operation on a socket, from its preparation to its last message."""

    def __init__(self, handler: Handler, operation: Ran) -> None:
        self._handler = handler
        self._door = handler.view
        self._operation = operation
        self._id = request_id(None)
        self._codes: dict[str, None] = {}
        self._prepared: Prepared | None = None

    async def run(self) -> None:
        """Send what comes, then `complete`; an operation that cannot begin gets `error` instead."""
        began = perf_counter()
        try:
            await self._answered()
        except Rejected as rejected:
            await self._refuse(rejected.errors)
        except TimeoutError:
            await self._refuse([self._late()])
        except WebSocketDisconnected:
            pass
        except Exception as error:  # noqa: BLE001  # whatever it was, the client must not wait for ever
            await self._refuse([GraphQLError(str(error), original_error=error)])
        finally:
            self._observe_end(began)

    async def _answered(self) -> None:
        asked = self._operation
        self._prepared = self._door.documents.prepared(
            asked.query, asked.operation_name, asked.variables
        )
        async with (
            self._deadline(self._prepared),
            aclosing(await self._stream(self._prepared)) as results,
        ):
            async for result in results:
                if isinstance(result, PreExecutionError):
                    raise Rejected(result.errors or [])
                await self._send_next(result)
        await asked.send_operation_message({"id": asked.id, "type": "complete"})

    async def _stream(self, prepared: Prepared) -> AsyncGenerator[Any, None]:
        scope = self._handler.websocket.ws.scope  # type: ignore[attr-defined]  # Strawberry's ASGI adapter
        return await self._door.schema.stream(
            self._operation.query,
            variable_values=self._operation.variables,
            context_value=self._door.open_operation(scope, self._id, prepared),
            operation_name=self._operation.operation_name,
        )

    def _deadline(self, prepared: Prepared) -> AbstractAsyncContextManager[object]:
        if prepared.kind is OperationType.SUBSCRIPTION:
            return nullcontext()
        return asyncio.timeout(self._door.settings.operation_timeout)

    def _late(self) -> GraphQLError:
        seconds = self._door.settings.operation_timeout
        late = Timeout(f"The operation took longer than {seconds:g} seconds; ask for less.")
        return GraphQLError(str(late), original_error=late)

    async def _send_next(self, result: Any) -> None:
        payload: dict[str, Any] = {"data": result.data}
        if result.errors:
            payload["errors"] = self._shaped(result.errors)
        message: Any = {"id": self._operation.id, "type": "next", "payload": payload}
        await self._operation.send_operation_message(message)

    async def _refuse(self, errors: Sequence[GraphQLError]) -> None:
        message: Any = {
            "id": self._operation.id,
            "type": "error",
            "payload": self._shaped(errors),
        }
        await self._operation.send_operation_message(message)

    def _shaped(self, errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
        written = [shaped(error, self._id, self._door.observe) for error in errors]
        self._codes |= dict.fromkeys(codes(written))
        return written

    def _observe_end(self, began: float) -> None:
        prepared = self._prepared
        self._door.observe(
            OperationEnded(
                request_id=self._id,
                transport="websocket",
                kind=prepared.kind.value if prepared else None,
                name=prepared.name if prepared else None,
                codes=tuple(self._codes),
                duration_ms=round((perf_counter() - began) * 1000, 2),
            )
        )
