"""Spans as a test looks at them: kept in memory, found by name, and seen as the trees that they make."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from api.app import app_on
from api.models import MODELS
from api.observe import Fact
from api.settings import Settings
from api.telemetry.exporting import provider
from api.telemetry.tracing import Tracing
from db.pool import Access
from tests.credential import AUTHORIZED
from tests.serving import serving
from tests.waiting import until

Tree = tuple[str, list[Any]]
"""The name of a span and the trees below it, in the order in which they began."""


class Spans:
    """Those that have ended."""

    def __init__(self, sample: float = 1.0) -> None:
        self._kept = InMemorySpanExporter()
        self.tracing = Tracing(provider(SimpleSpanProcessor(self._kept), sample))

    @property
    def all(self) -> list[ReadableSpan]:
        return sorted(self._kept.get_finished_spans(), key=lambda span: span.start_time or 0)

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.all if span.name == name]

    def one(self, name: str) -> ReadableSpan:
        (span,) = self.named(name)
        return span

    async def ended(self, name: str) -> ReadableSpan:
        """The one of this name, once it has."""
        await until(lambda: bool(self.named(name)))
        return self.one(name)

    def below(self, span: ReadableSpan) -> list[ReadableSpan]:
        id = span.context.span_id
        return [one for one in self.all if one.parent and one.parent.span_id == id]

    def tree(self, span: ReadableSpan) -> Tree:
        return span.name, [self.tree(one) for one in self.below(span)]

    def clear(self) -> None:
        self._kept.clear()

    def text(self) -> str:
        return "\n".join(span.to_json() for span in self.all)


def told(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


@asynccontextmanager
async def traced(
    reached: Access,
    tracing: Tracing,
    facts: list[Fact] | None = None,
    models: Any = MODELS,
    **knobs: Any,
) -> AsyncIterator[httpx.AsyncClient]:
    """Serves the application with its spans made, and gives a client with a service key."""
    settings = Settings(_env_file=None, **{"shutdown_grace": 0, **knobs})
    observe = (facts if facts is not None else []).append
    app = app_on(settings, reached, models=models, observe=observe, tracing=tracing)
    async with (
        serving(app, settings) as url,
        httpx.AsyncClient(base_url=url, headers=AUTHORIZED, timeout=20) as client,
    ):
        yield client


async def ask(client: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    """The data of an answer that has to be without errors."""
    answer = await client.post("/graphql", json={"query": query, "variables": variables})
    assert "errors" not in answer.json(), answer.text
    return answer.json()["data"]


async def a_user(client: httpx.AsyncClient, name: str = "ada") -> str:
    made = await ask(
        client,
        "mutation($name: String!) { upsertUser(input: { externalId: $name }) { user { id } } }",
        name=name,
    )
    return str(made["upsertUser"]["user"]["id"])
