"""A collector on loopback, as the exporter of OpenTelemetry meets one: OTLP over HTTP, in protobuf."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.serving import serving_plainly

MEDIA_TYPE = "application/x-protobuf"


@dataclass
class Collector:
    """What it has been sent. With a `status` it refuses."""

    url: str = ""
    status: int = 200
    spans: list[Span] = field(default_factory=list)
    resources: list[dict[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        body = await request.body()
        self.headers.append(dict(request.headers))
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        for one in ExportTraceServiceRequest.FromString(body).resource_spans:
            said = one.resource.attributes
            self.resources.append({pair.key: pair.value.string_value for pair in said})
            self.spans += [span for scope in one.scope_spans for span in scope.spans]
        answer = ExportTraceServiceResponse().SerializeToString()
        return Response(answer, self.status, media_type=MEDIA_TYPE)

    @property
    def names(self) -> set[str]:
        return {span.name for span in self.spans}


@asynccontextmanager
async def collecting(status: int = 200) -> AsyncIterator[Collector]:
    collector = Collector(status=status)
    app = Starlette(routes=[Route("/v1/traces", collector.take, methods=["POST"])])
    async with serving_plainly(app) as collector.url:
        yield collector
