"""The SDK of OpenTelemetry: it samples spans, gathers them, and sends them to a collector.

It is a part of the extra `tracing`, so nobody imports this module but `api.telemetry.tracing`, by its name.
"""

from __future__ import annotations

from importlib.metadata import version
from uuid import uuid4

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

TRACES = "/v1/traces"


def sending(endpoint: str, sample: float) -> TracerProvider:
    """A provider that sends this part of all traces to a collector, given by the base URL of its OTLP over HTTP.

    What is sent along, how long that may take and how much is gathered is what the variables of OpenTelemetry say.
    """
    exporter = OTLPSpanExporter(endpoint.rstrip("/") + TRACES)
    return provider(BatchSpanProcessor(exporter), sample)


def provider(processor: SpanProcessor, sample: float = 1.0) -> TracerProvider:
    """A provider whose spans go there. A trace that has begun elsewhere is sampled if it was there."""
    made = TracerProvider(
        sampler=ParentBasedTraceIdRatio(sample), resource=resource(), shutdown_on_exit=False
    )
    made.add_span_processor(processor)
    return made


def resource() -> Resource:
    """Who we are; `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say it otherwise, and more."""
    ours = {
        "service.name": "contextql",
        "service.version": version("contextql"),
        "service.instance.id": str(uuid4()),
    }
    return Resource.create(ours).merge(OTELResourceDetector().detect())
