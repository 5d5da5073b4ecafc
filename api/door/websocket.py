"""GraphQL over WebSocket by `graphql-transport-ws`: each message checked, each operation on its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)

from api.door.asked import Asked
from api.door.caller import Caller
from api.door.document_id import document_id
from api.door.doing import Gone
from api.door.live import LiveOperation
from api.door.message import fault_in
from api.door.recognised import credentials, recognised
from api.door.refused import Refused
from api.door.request_id import request_id
from api.door.shaping import shaped
from api.errors import OperationTooCostly
from api.observe import LimitHit
from api.places import RETRY_SECONDS
from api.viewer import Viewer

if TYPE_CHECKING:
    from api.door.http import Door

Ran = Operation[Any, None]

_CLOSED = {401: (4403, "Forbidden"), 503: (1013, "Try again later")}
"""How a socket says what HTTP says by these statuses."""


class Handler(BaseGraphQLTransportWSHandler[Any, None]):
    """One socket. Strawberry keeps the protocol's states; what the messages hold is checked and run here."""

    view: Door
    _viewer: Viewer
    _authorization: str | None = None
    _traceparent: str | None = None
    _until_ended: asyncio.Task[None] | None = None
    _is_over = False

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        if not self.connection_init_received:
            payload = message.get("payload") or {}
            self._authorization = _authorization(payload, self._socket.headers)
            self._traceparent = _traceparent(payload)
            try:
                self._viewer = await recognised(self._socket.scope, self._authorization)
            except Refused as refused:
                self.view.observe_refusal(request_id(None), "websocket", refused)
                await self.websocket.close(*_CLOSED[refused.status])
                return
        await super().handle_connection_init(message)
        if self.connection_acknowledged and self._until_ended is None:
            self._until_ended = asyncio.create_task(self._close_when_ended())

    async def _close_when_ended(self) -> None:
        """Close the socket at the moment when its credential is worth nothing any more."""
        await credentials(self._socket.scope).ended(self._authorization, self._viewer)
        self._is_over = True
        for id in list(self.operations):
            await self.cleanup_operation(id)
        with suppress(WebSocketDisconnect):
            await self.websocket.close(*_CLOSED[401])

    async def shutdown(self) -> None:
        if self._until_ended is not None:
            self._until_ended.cancel()
            with suppress(asyncio.CancelledError):
                await self._until_ended
        await super().shutdown()

    @property
    def _socket(self) -> WebSocket:
        socket: WebSocket = self.websocket.ws  # type: ignore[attr-defined]  # Strawberry's ASGI adapter
        return socket

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._named: dict[str, str | None] = {}
        """The names of the documents that are about to be prepared, by the id of the operation."""
        self._leaving: set[asyncio.Task[None]] = set()
        """What was completed by the client, and has not given back its place yet."""

    async def handle_message(self, message: Message) -> None:
        if self._is_over:
            return
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
            # Strawberry knows neither documents without a text nor the name of one.
            payload: Any = {**message["payload"], "query": message["payload"].get("query") or ""}
            self._named[message["id"]] = document_id(payload)
            await super().handle_subscribe({**message, "payload": payload})
        else:
            await self._refuse_one_more(message["id"], most)

    async def _refuse_one_more(self, id: str, most: int) -> None:
        self.view.observe(LimitHit("socket_operations"))
        busy = OperationTooCostly(
            f"This socket runs {most} operations already; complete one of them first.",
            measure="operations",
            value=most + 1,
            limit=most,
        )
        error = GraphQLError(str(busy), original_error=busy)
        payload: Any = [shaped(error, request_id(None), self.view.observe)]
        await self.send_message({"id": id, "type": "error", "payload": payload})

    async def cleanup_operation(self, operation_id: str) -> None:
        operation = self.operations.get(operation_id)
        await super().cleanup_operation(operation_id)
        if operation and operation.task:
            self._leaving.add(operation.task)
            operation.task.add_done_callback(self._leaving.discard)

    async def run_operation(self, operation: Ran) -> None:
        """Send what comes, then `complete`; an operation that cannot begin gets `error` instead."""
        try:
            if self._leaving:
                # Who has completed one may begin another in its place.
                await asyncio.wait(self._leaving, timeout=RETRY_SECONDS)
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
        caller = Caller(
            scope=self._socket.scope,
            request_id=request_id(None),
            transport="websocket",
            viewer=self._viewer,
            traceparent=self._traceparent,
        )
        named = self._named.pop(operation.id, None)
        asked = Asked(operation.query, operation.operation_name, operation.variables, named)
        return LiveOperation(self.view, caller, asked)


def _authorization(payload: Mapping[str, object], headers: Mapping[str, str]) -> str | None:
    """What the client says of itself in its first message, or else has said in the request for the socket."""
    for name in ("Authorization", "authorization"):
        if name in payload:
            # Whatever is no text is no credential either.
            return str(payload[name])
    return headers.get("authorization")


def _traceparent(payload: Mapping[str, object]) -> str | None:
    """The trace that all on this socket belongs to, if the client says one."""
    said = payload.get("traceparent")
    return said if isinstance(said, str) else None


async def _tell(operation: Ran, payload: dict[str, Any], _: str | None) -> None:
    await _send(operation, type="next", payload=payload)


async def _send(operation: Ran, **message: Any) -> None:
    whole: Any = {"id": operation.id, **message}
    try:
        await operation.send_operation_message(whole)
    except WebSocketDisconnected as error:
        raise Gone from error
