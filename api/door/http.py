"""GraphQL over HTTP: one request in, one coded answer out, whatever comes."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
from graphql import OperationType
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from api.door import asked as reading
from api.door.accept import (
    EVENT_STREAM,
    GRAPHQL_RESPONSE,
    JSON,
    Accepted,
    accepted,
    prefers_html,
)
from api.door.answer import Answer, complete
from api.door.asked import Asked
from api.door.at_once import OperationAtOnce, a_mutation_is_posted
from api.door.caller import Caller
from api.door.documents import Documents, Prepared, Rejected
from api.door.event_stream import EventStream, last_seen
from api.door.executing import Executing
from api.door.host import require_known
from api.door.in_flight import RETRY, InFlight
from api.door.library import library
from api.door.live import LiveOperation
from api.door.opened import Opened, OpenOperation
from api.door.pages import Pages
from api.door.recognised import credentials, recognised
from api.door.refused import Refused, refused_response
from api.door.request import Request
from api.door.request_id import FIELD, request_id
from api.door.websocket import Handler
from api.errors import BadUserInput, Internal
from api.observe import Faulted, Observer, RequestRefused, hears_of
from api.observe.stretches import Execution
from api.places import Full
from api.plan import Planner
from api.settings import Settings
from api.viewer import Viewer


class Door(GraphQL[Any, None]):
    """The ASGI application at `/graphql`. Strawberry's view serves the WebSocket, our own code serves HTTP."""

    graphql_transport_ws_handler_class = Handler

    def __init__(
        self,
        schema: Schema,
        planner: Planner,
        settings: Settings,
        observe: Observer,
        open_operation: OpenOperation,
        pages: Pages,
    ) -> None:
        super().__init__(
            schema,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            allowed_origins=settings.cors_origins,
        )
        self.executing = Executing(schema, planner)
        self.settings = settings
        self.observe = observe
        self.tells_of_executions = hears_of(observe, Execution)
        self.open_operation = open_operation
        self.documents = Documents(schema._schema, settings)  # noqa: SLF001  # there is no public way to it
        self.library = library(settings, self.documents)
        self.in_flight = InFlight(settings, observe)
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._serve_websocket(scope, receive, send)
            return
        request = Request(scope, receive, send)
        id = request_id(request.field(FIELD) if FIELD in request.fields else None)
        response: Response | Answer
        try:
            response = await self._answered(request, id)
        except Refused as refused:
            response = refused_response(id, refused.status, refused.refusal, refused.headers)
        except Exception as error:  # noqa: BLE001  # nothing of ours may reach the client
            self.observe(Faulted(id, "http", error))
            response = refused_response(id, 500, Internal())
        if not isinstance(response, Answer):
            complete(response, scope, id)
        elif response.is_sent:
            return
        await response(scope, receive, send)

    async def _serve_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        try:
            self.require_host(socket.headers.get("host"))
        except Refused as refused:
            self.observe_refusal(request_id(None), "websocket", refused)
            await socket.close()
        else:
            await self._with_a_place(socket)

    async def _with_a_place(self, socket: WebSocket) -> None:
        try:
            with self.in_flight.sockets.one():
                await self.run(socket)
        except Full as full:
            id = request_id(None)
            self.observe_refusal(id, "websocket", Refused(503, full))
            await socket.send_denial_response(refused_response(id, 503, full, RETRY))

    async def _answered(self, request: Request, id: str) -> Response | Answer:
        try:
            if self.pages.has_key:
                self.require_host(request.field(b"host"))
            if request.method != "POST" and (unasked := self._unasked(request)):
                return unasked
            accepts = _accepted(request)
            scope, authorization = request.scope, request.fields.get(b"authorization")
            viewer = credentials(scope).known(authorization) or await recognised(
                scope, request.field(b"authorization")
            )
            asked = reading.arrived(request, self.settings) or await reading.read(
                request, self.settings
            )
        except Refused as refused:
            self.observe_refusal(id, "http", refused)
            raise
        media_type = accepts.media_type
        if media_type is None or (accepts.events and self._is_to_be_followed(asked)):
            return self._streamed(request, id, viewer, asked)
        caller = Caller(request.scope, id, "http", viewer)
        return await OperationAtOnce(self, caller, asked).answered(request, media_type)

    def observe_refusal(self, id: str, transport: str, refused: Refused) -> None:
        """There will be no operation to tell of it."""
        self.observe(RequestRefused(id, transport, refused.status, refused.refusal.code))

    def require_host(self, host: str | None) -> None:
        """Where a page holds a key, no other name may lead to it: raises `Refused`."""
        # Without one there is nothing to be had by a name.
        if self.pages.has_key:
            require_known(host, self.settings.host)

    def _unasked(self, request: Request) -> Response | None:
        """What there is to say to whoever asks nothing of the graph."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=reading.ALLOW)
        if request.method in reading.READS and _is_looking(request):
            return self._graphiql(request)
        return None

    def _graphiql(self, request: Request) -> Response:
        if not self.settings.graphiql:
            raise Refused(404, BadUserInput("GraphiQL is turned off here."))
        return self.pages.explorer(request.headers)

    def prepared(self, asked: Asked) -> Prepared:
        """The operation that is asked for, ready to be executed. Raises `Rejected`."""
        source = self.library.text(asked)
        found = self.documents.prepared(source, asked.operation_name, asked.variables)
        if asked.document_id is not None:
            self.library.keep(asked)
        return found

    def opened(self, caller: Caller, prepared: Prepared) -> Opened:
        """An operation in flight, for the length of a `with`. To enter it raises `Full`."""
        return Opened(self, caller, prepared)

    def _kind(self, asked: Asked) -> OperationType | None:
        """What kind of operation is asked for; None when that cannot be told."""
        try:
            return self.prepared(asked).kind
        except Rejected:
            return None

    def _is_to_be_followed(self, asked: Asked) -> bool:
        return self._kind(asked) is OperationType.SUBSCRIPTION

    def _streamed(self, request: Request, id: str, viewer: Viewer, asked: Asked) -> Response:
        if request.method != "POST" and self._kind(asked) is OperationType.MUTATION:
            raise a_mutation_is_posted()
        scope, seen = request.scope, last_seen(request.field(b"last-event-id"))
        live = LiveOperation(self, Caller(scope, id, "sse", viewer, seen), asked)
        leaving = scope["state"]["server"].leaving
        authorization = request.field(b"authorization")
        ended = partial(credentials(scope).ended, authorization, viewer)
        return EventStream(live, self.settings.keep_alive, leaving, ended)

    # What Strawberry's WebSocket adapter reads and writes with: text, never bytes.
    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data).decode()

    async def get_context(self, request: Any, response: Any) -> None:
        """A socket has no context of its own: each operation on it gets one."""


def _accepted(request: Request) -> Accepted:
    """How to answer. Raises `Refused`."""
    found = accepted(request.fields.get(b"accept"))
    if found.media_type is None and not found.events:
        wanted = BadUserInput(f"Accept {GRAPHQL_RESPONSE} or {JSON}, or {EVENT_STREAM}.")
        raise Refused(406, wanted)
    return found


def _is_looking(request: Request) -> bool:
    """Whether a person looks at the page, rather than a program asks."""
    asks = {"query", "documentId", "extensions"} & set(request.parameters)
    return not asks and prefers_html(request.field(b"accept"))
