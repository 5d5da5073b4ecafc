"""What Prometheus asks for, where it asks at the port of everybody: for services only."""

from __future__ import annotations

import asyncio

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.door.recognised import recognised
from api.door.refused import Refused, refused_response
from api.door.request_id import HEADER, request_id
from api.errors import Forbidden
from api.observe import Observer, RequestRefused


class MetricsForServices:
    """The ASGI application at `/metrics`, in the format that is asked for."""

    def __init__(self, registry: CollectorRegistry, observe: Observer) -> None:
        self._registry = registry
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        id = request_id(request.headers.get(HEADER))
        try:
            response = await self._told(request)
        except Refused as refused:
            why = refused.refusal
            self._observe(RequestRefused(id, "http", refused.status, why.code))
            response = refused_response(id, refused.status, why, refused.headers)
        response.headers[HEADER] = id
        response.headers["Vary"] = "Accept, Authorization"
        await response(scope, receive, send)

    async def _told(self, request: Request) -> Response:
        viewer = await recognised(request.scope, request.headers.get("authorization"))
        if not viewer.is_service:
            raise Refused(403, Forbidden("Metrics are for services; ask with a service key."))
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        # To write it all down takes longer than others should wait.
        text = await asyncio.to_thread(encode, self._registry)
        return Response(text, headers={"Content-Type": media_type})
