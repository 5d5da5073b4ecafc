"""The span of an HTTP request: the outermost one, and a part of the trace that the client names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"}


class Traced:
    """An ASGI application at one path, with a span around each HTTP request. A WebSocket has none.

    OpenTelemetry's own middleware is not used: what it says of a request includes the query string, in which a
    document and its variables may stand, and it fails on one that is not UTF-8.
    """

    def __init__(self, app: ASGIApp, tracer: Tracer, path: str) -> None:
        self._app = app
        self._tracer = tracer
        self._path = path
        self._parents = TraceContextTextMapPropagator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with self._span(scope) as span:

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _answered(span, message["status"])
                await send(message)

            await self._app(scope, receive, sent)

    @contextmanager
    def _span(self, scope: Scope) -> Iterator[Span]:
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        with self._tracer.start_as_current_span(
            f"{'HTTP' if method == '_OTHER' else method} {self._path}",
            context=self._parents.extract(Headers(scope=scope)),
            kind=SpanKind.SERVER,
            attributes={
                "http.request.method": method,
                "http.route": self._path,
                "network.protocol.version": scope.get("http_version", "1.1"),
                "url.path": self._path,
                "url.scheme": scope.get("scheme", "http"),
            },
            # The text of an exception may hold what a user has said.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield span


def _answered(span: Span, status: int) -> None:
    span.set_attribute("http.response.status_code", status)
    if status >= 500:
        span.set_attribute("error.type", str(status))
        span.set_status(StatusCode.ERROR)
