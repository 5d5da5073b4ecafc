"""The console's page, at each of its addresses: which of its pages is shown, it finds out itself."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from api.door.http import Door
from api.door.refused import Refused, refused_response
from api.door.request_id import HEADER, request_id

PATHS = (
    "/",
    "/overview",
    "/users",
    "/users/{rest:path}",
    "/conversations/{rest:path}",
)


class Console:
    """The ASGI application there. It holds nothing: what it shows it asks of the graph, as its reader."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        id = request_id(request.headers.get(HEADER))
        try:
            self._door.require_host(request.headers.get("host"))
            response = self._door.pages.console(request.headers)
        except Refused as refused:
            self._door.observe_refusal(id, "http", refused)
            response = refused_response(id, refused.status, refused.refusal)
        response.headers[HEADER] = id
        await response(scope, receive, send)
