"""GraphQL over WebSocket by `graphql-transport-ws`: each message checked, each operation on its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    Message,
    SubscribeMessage,
)

from api.door.asked import Asked
from api.door.live import Caller, Gone, LiveOperation
from api.door.message import fault_in
from api.door.request_id import request_id
from api.door.shaping import shaped
from api.errors import OperationTooCostly

if TYPE_CHECKING:
    from api.door.http import Door

Ran = Operation[Any, None]


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
        most = self.view.settings.max_socket_operations
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
        """Send what comes, then `complete`; an operation that cannot begin gets `error` instead."""
        try:
            if errors := await self._live(operation).told(partial(_tell, operation)):
                await _send(operation, type="error", payload=errors)
            else:
                await _send(operation, type="complete")
        except Gone:
            pass
        finally:
            # Once it was completed by the client, the id may be another operation's.
            if self.operations.get(operation.id) is operation:
                del self.operations[operation.id]

    def _live(self, operation: Ran) -> LiveOperation:
        scope = self.websocket.ws.scope  # type: ignore[attr-defined]  # Strawberry's ASGI adapter
        asked = Asked(operation.query, operation.operation_name, operation.variables)
        return LiveOperation(self.view, Caller(scope, request_id(None), "websocket"), asked)


async def _tell(operation: Ran, payload: dict[str, Any], _: int | None) -> None:
    await _send(operation, type="next", payload=payload)


async def _send(operation: Ran, **message: Any) -> None:
    whole: Any = {"id": operation.id, **message}
    try:
        await operation.send_operation_message(whole)
    except WebSocketDisconnected as error:
        raise Gone from error
