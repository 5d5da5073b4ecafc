"""What traces take: who makes spans, and who sends them. Without it nothing of OpenTelemetry's SDK is imported."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.trace import Tracer
from starlette.types import ASGIApp

from api.observe import Observer, TracesLost
from api.telemetry.requests import Traced
from api.telemetry.traces import Traces

if TYPE_CHECKING:
    from pydantic_ai.models.instrumented import InstrumentationSettings

FLUSH_SECONDS = 3.0
"""How long the end of the process waits for the last spans to be taken."""

QUIET_SECONDS = 60.0
"""How long nothing more is said of spans that cannot be sent, once it was."""

LIBRARY = "opentelemetry"
"""The logger above all of the SDK's."""


class Provider(Protocol):
    """As the SDK has it. `shutdown` sends what is left, and may take its time."""

    def get_tracer(self, name: str, /) -> Tracer: ...

    def shutdown(self) -> None: ...


class Untraceable(Exception):
    """Traces cannot be sent. `str()` is one line with the remedy."""


class Tracing:
    """Spans of all that the server does, by this provider."""

    def __init__(self, provider: Provider, flush_seconds: float = FLUSH_SECONDS) -> None:
        self._provider = provider
        self._flush_seconds = flush_seconds
        self._tracer = provider.get_tracer("contextql")
        self.observer: Observer = Traces(self._tracer)
        instrumented = import_module("pydantic_ai.models.instrumented")
        self.models: InstrumentationSettings = instrumented.InstrumentationSettings(
            tracer_provider=provider,
            meter_provider=NoOpMeterProvider(),
            include_content=False,
            include_binary_content=False,
            include_model_request_parameters=False,
        )
        """How pydantic-ai makes spans of requests to models."""

    def around(self, app: ASGIApp, path: str) -> ASGIApp:
        """The application at this path, with a span around each HTTP request."""
        return Traced(app, self._tracer, path)

    @asynccontextmanager
    async def running(self, observe: Observer) -> AsyncIterator[None]:
        """Within the block, spans are sent, and observed when they are lost; at its end, those that are left.

        Who observes that makes no spans: the SDK complains with its locks held.
        """
        log = logging.getLogger(LIBRARY)
        heard = _Heard(observe)
        log.addHandler(heard)
        propagate, log.propagate = log.propagate, False
        try:
            yield
            await self._flush()
        finally:
            log.removeHandler(heard)
            log.propagate = propagate

    async def _flush(self) -> None:
        """Send what is left. A collector that does not answer is not waited for: the thread dies with the process."""
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def shut_down() -> None:
            self._provider.shutdown()
            # The loop may be gone by then.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(done.set)

        Thread(target=shut_down, name="last spans", daemon=True).start()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._flush_seconds):
                await done.wait()


class _Heard(logging.Handler):
    """Observes what the SDK complains of, but not each time: it does so for every batch that is not taken."""

    def __init__(self, observe: Observer) -> None:
        super().__init__(logging.WARNING)
        self._observe = observe
        self._quiet_until = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        if monotonic() >= self._quiet_until:
            self._quiet_until = monotonic() + QUIET_SECONDS
            self._observe(TracesLost(record.getMessage()[:200]))


def tracing_to(endpoint: str | None, sample: float) -> Tracing | None:
    """What sends this part of all traces to the collector there; None without one. Raises `Untraceable`."""
    if endpoint is None:
        return None
    try:
        exporting = import_module("api.telemetry.exporting")
    except ImportError:
        install = f"{sys.executable} -m pip install 'contextql[tracing]'"
        raise Untraceable(f"the packages for traces are missing; mend it with: {install}") from None
    return Tracing(exporting.sending(endpoint, sample))
