"""Where spans go, what is never in them, and what happens when nobody takes them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import httpx
import pytest
from opentelemetry.trace import NoOpTracerProvider, StatusCode

from api.errors import ModelUnavailable
from api.models import Patience
from api.models.hosted_embedder import hosted_embedder
from api.models.reached import reached as models_reached
from api.observe import Fact, TracesLost
from api.telemetry.tracing import Tracing, Untraceable, tracing_to
from db.pool import Access
from tests.credential import KEY
from tests.embedding_server import KEY as EMBEDDING_KEY
from tests.embedding_server import embedding_server
from tests.processes import ROOT, environment
from tests.providers import Refuses, Says, provider
from tests.responding import START
from tests.telemetry.collector import collecting
from tests.telemetry.spans import Spans, a_user, ask, told, traced
from tests.waiting import until

OPENAI = "openai-chat:gpt-4o-mini"
PROVIDER_KEY = "sk-very-secret-4711"
SECRET = "Rumpelstilzchen"
GENERATE = START.replace("startResponse", "generateResponse")
HASTE = Patience(first=5.0, silence=5.0, retries=0)


async def test_a_collector_is_sent_what_happened_by_the_end_of_the_process(
    reached: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=ours")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "contextql-blue")
    async with collecting() as collector:
        tracing = tracing_to(collector.url, 1.0)
        assert tracing
        async with traced(reached, tracing) as client:
            await a_user(client)
        assert {"POST /graphql", "mutation", "INSERT users"} <= collector.names
        assert collector.headers[0]["x-tenant"] == "ours"
        assert collector.resources[0]["service.name"] == "contextql-blue"
        assert collector.resources[0]["service.version"]


async def test_a_sample_of_nothing_sends_nothing(reached: Access) -> None:
    async with collecting() as collector:
        tracing = tracing_to(collector.url, 0.0)
        assert tracing
        async with traced(reached, tracing) as client:
            await a_user(client)
        assert collector.headers == []


@pytest.mark.parametrize("status", [None, 400, 503])
async def test_a_collector_that_takes_nothing_is_said_once_and_delays_nobody(
    reached: Access, monkeypatch: pytest.MonkeyPatch, status: int | None
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    facts: list[Fact] = []
    async with collecting(status or 200) as collector:
        # Nobody listens at the first port.
        tracing = tracing_to(collector.url if status else "http://127.0.0.1:1", 1.0)
        assert tracing
        async with traced(reached, tracing, facts) as client:
            for name in ("ada", "ben", "eve"):
                await a_user(client, name)
            await until(lambda: any(isinstance(fact, TracesLost) for fact in facts))
            for name in ("ada", "ben", "eve"):
                await a_user(client, name)
            leaving = monotonic()
        # Its patience is three seconds; a busy machine takes some of its own.
        assert monotonic() - leaving < 9
    assert len([fact for fact in facts if isinstance(fact, TracesLost)]) == 1


async def test_the_end_does_not_wait_for_a_collector_that_says_nothing() -> None:
    class Stuck:
        """A provider whose collector has taken the connection, and no more."""

        def __init__(self) -> None:
            self.get_tracer = NoOpTracerProvider().get_tracer
            self.go_on = threading.Event()

        def shutdown(self) -> None:
            self.go_on.wait()

    stuck = Stuck()
    async with asyncio.timeout(10), Tracing(stuck, flush_seconds=0.01).running(lambda _: None):
        pass
    stuck.go_on.set()


@asynccontextmanager
async def a_hosted_one(
    reached: Access, spans: Spans, monkeypatch: pytest.MonkeyPatch, *script: Says | Refuses
) -> AsyncIterator[httpx.AsyncClient]:
    async with provider(*script) as one:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{one.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", PROVIDER_KEY)
        models = models_reached([OPENAI], [], HASTE, spans.tracing.models)
        async with traced(reached, spans.tracing, models=models, model=OPENAI) as client:
            yield client


async def test_a_request_to_a_model_lies_within_our_call(
    reached: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = Spans()
    async with a_hosted_one(reached, spans, monkeypatch, Says(["Lon", "don."])) as client:
        user = await a_user(client)
        await ask(client, GENERATE, input={"userId": user, "message": "Where?"})
        call = await spans.ended(f"ask {OPENAI}")
    request = spans.one("chat gpt-4o-mini")
    assert request.parent == call.context
    assert told(request)["gen_ai.usage.input_tokens"] == 12
    assert told(request)["gen_ai.operation.name"] == "chat"
    assert told(call)["contextql.input_tokens"] == 12
    assert told(call)["contextql.first_word_ms"] > 0


async def test_nothing_that_was_said_or_is_secret_is_in_any_span(
    reached: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans = Spans()
    answers = (Says([f"It is {SECRET}."]), Refuses(401))
    async with a_hosted_one(reached, spans, monkeypatch, *answers) as client:
        user = await a_user(client)
        stored = {"userId": user, "contextType": "knowledge", "content": {"text": SECRET}}
        create = "mutation($input: CreateContextInput!) { createContext(input: $input) { context { id } } }"
        await ask(client, create, input=stored)
        for _ in answers:
            await ask(client, GENERATE, input={"userId": user, "message": f"Who is {SECRET}?"})
        found = f'searchContexts(query: "{SECRET}") {{ edges {{ score }} }}'
        find = f"query($id: ID!) {{ user(by: {{ id: $id }}) {{ {found} }} }}"
        await client.post("/graphql", json={"query": find, "variables": {"id": user}})
        await client.get(
            "/graphql", params={"query": f'{{ user(by: {{ id: "{SECRET}" }}) {{ id }} }}'}
        )
        await client.get(f"/graphql?query={SECRET}&variables=%FF", headers={"User-Agent": SECRET})
        await until(lambda: len(spans.named("answer")) == 2)
    failed = spans.named("answer")[1]
    assert failed.status.status_code is StatusCode.ERROR
    text = spans.text()
    for secret in (SECRET, PROVIDER_KEY, KEY, "Who is"):
        assert secret not in text
    assert "chat gpt-4o-mini" in text


async def test_what_is_embedded_is_in_no_span(monkeypatch: pytest.MonkeyPatch) -> None:
    spans = Spans()
    async with (
        embedding_server(monkeypatch) as server,
        hosted_embedder("openai:words-64", 5.0, spans.tracing.models) as embedder,
    ):
        await embedder.query(SECRET)
        server.status = 500
        with pytest.raises(ModelUnavailable):
            await embedder.query(SECRET)
    assert len(spans.named("embeddings words-64")) == 2
    assert SECRET not in spans.text()
    assert EMBEDDING_KEY not in spans.text()


def test_without_a_collector_nothing_of_the_sdk_is_imported() -> None:
    look = (
        "import sys, api.__main__; "
        "print([one for one in sys.modules if one.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    found = subprocess.run(
        [sys.executable, "-c", look],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "[]\n"
    assert tracing_to(None, 1.0) is None


def test_a_package_that_is_missing_is_one_line_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "api.telemetry.exporting", None)
    with pytest.raises(Untraceable, match=r"mend it with: .*pip install 'contextql\[tracing\]'$"):
        tracing_to("http://127.0.0.1:4318", 1.0)
