"""What Prometheus is told over HTTP, read as Prometheus reads it."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parsed_as_open_metrics,
)
from prometheus_client.parser import text_string_to_metric_families as parsed

from api.app import create_app
from api.models import Usage
from api.observe import Fact, ProcessMeasured
from api.settings import Settings
from api.telemetry.metrics import Metrics
from api.telemetry.metrics.port import served as served_at_a_port
from db.pool import Database
from tests.credential import AUTHORIZED, KEY, bearing, key_for
from tests.responding import GENERATE
from tests.scripted import Scripted
from tests.serving import serving
from tests.waiting import until

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]

UPSERT = """mutation Welcome($id: String!, $name: String) {
  upsertUser(input: { externalId: $id, name: $name }) { user { id } }
}"""
STORE = """mutation Store($user: ID!, $content: JSON!) {
  createContext(input: { userId: $user, contextType: "knowledge", content: $content }) {
    context { id }
  }
}"""
SEARCH = """query Find($user: ID!, $text: String!) {
  user(by: { id: $user }) { search(query: $text) { edges { node { id } } } }
}"""
WHO = "query Who { viewer { role } }"


def samples_of(text: str) -> Samples:
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in parsed(text)
        for one in family.samples
    }


def value(samples: Samples, name: str, /, **labels: str) -> float:
    """The sum over all that have these labels."""
    wanted = set(labels.items())
    found = [
        value for (named, has), value in samples.items() if named == name and wanted <= set(has)
    ]
    assert found, (name, labels)
    return sum(found)


def percentile(samples: Samples, name: str, share: float, /, **labels: str) -> float:
    """As Prometheus' `histogram_quantile`, but the upper end of the bucket."""
    buckets = sorted(
        (float(dict(has)["le"]), value)
        for (named, has), value in samples.items()
        if named == f"{name}_bucket" and set(labels.items()) <= set(has)
    )
    assert buckets[-1][0] == math.inf
    return next(end for end, count in buckets if count >= share * buckets[-1][1])


@asynccontextmanager
async def a_server(
    database_url: str, facts: list[Fact], **knobs: Any
) -> AsyncIterator[httpx.AsyncClient]:
    model = Scripted(["Tea is ", "kept in the blue tin [1].", Usage(120, 30, 0.25)])
    settings = Settings(
        _env_file=None, **{"model": "scripted", "shutdown_grace": 0, "rate_limit": 0, **knobs}
    )
    app = create_app(settings, database_url, models={"scripted": model}, observe=facts.append)
    async with (
        serving(app, settings) as url,
        httpx.AsyncClient(base_url=url, headers=AUTHORIZED, timeout=30) as client,
    ):
        yield client


async def ask(client: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    answer = await client.post("/graphql", json={"query": query, "variables": variables})
    return answer.json()


async def scrape(client: httpx.AsyncClient) -> Samples:
    answer = await client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return samples_of(answer.text)


async def a_user_who_knows(client: httpx.AsyncClient, external_id: str, body: str) -> str:
    """A user with one piece of knowledge; the id."""
    welcomed = await ask(client, UPSERT, id=external_id, name="Planted Name")
    user = str(welcomed["data"]["upsertUser"]["user"]["id"])
    stored = await ask(client, STORE, user=user, content={"text": body})
    assert "errors" not in stored, stored
    return user


async def test_what_is_asked_for_is_counted(database_url: str) -> None:
    async with a_server(database_url, []) as client:
        user = await a_user_who_knows(client, "ada", "Tea is kept in the blue tin.")
        found = await ask(client, SEARCH, user=user, text="Where is the tea?")
        assert found["data"]["user"]["search"]["edges"], found
        said = {"userId": user, "message": "Where is the tea?"}
        answer = await ask(client, GENERATE, input=said)
        assert answer["data"]["generateResponse"]["response"]["status"] == "COMPLETED", answer
        assert "errors" in await ask(client, "query Odd { nothing }")
        samples = await scrape(client)
    operations = "contextql_operations_total"
    assert value(samples, operations, kind="mutation", name="Welcome", transport="http") == 1
    assert value(samples, operations, kind="query", name="Find") == 1
    assert value(samples, operations, kind="mutation", name="") == 1
    assert value(samples, operations, kind="none") == 1
    failed = value(samples, "contextql_operation_errors_total", code="GRAPHQL_VALIDATION_FAILED")
    assert failed == 1
    assert value(samples, "contextql_operation_seconds_count", kind="mutation", name="Store") == 1
    assert value(samples, "contextql_operation_cost_total", kind="query") > 0
    assert value(samples, "contextql_operation_statements_sum", kind="query") > 0
    assert value(samples, "contextql_contexts_touched_total", operation="create") >= 1
    assert value(samples, "contextql_retrieval_seconds_count", purpose="search") == 1
    assert value(samples, "contextql_retrieval_seconds_count", purpose="grounding") == 1
    assert value(samples, "contextql_retrieval_part_seconds_count", part="keyword") >= 2
    assert value(samples, "contextql_grounding_seconds_count") == 1
    assert value(samples, "contextql_grounding_contexts_total", fate="included") >= 1
    assert (
        value(samples, "contextql_model_tokens_total", model="scripted", direction="input") == 120
    )
    assert (
        value(samples, "contextql_model_tokens_total", model="scripted", direction="output") == 30
    )
    assert value(samples, "contextql_model_cost_usd_total", model="scripted") == 0.25
    assert value(samples, "contextql_time_to_first_token_seconds_count", model="scripted") == 1
    assert value(samples, "contextql_first_word_seconds_count", model="scripted") == 1
    assert value(samples, "contextql_responses_total", model="scripted", status="COMPLETED") == 1
    assert value(samples, "contextql_response_groundedness_count", model="scripted") == 1
    assert value(samples, "contextql_workers") == 1
    assert value(samples, "contextql_build_info") == 1
    assert value(samples, "process_resident_memory_bytes") > 0


async def test_the_slowest_hundredth_can_be_told(database_url: str) -> None:
    async with a_server(database_url, []) as client:
        for _ in range(50):
            await ask(client, WHO)
        samples = await scrape(client)
    of_who = {"kind": "query", "name": "Who"}
    ends = [
        percentile(samples, "contextql_operation_seconds", share, **of_who)
        for share in (0.5, 0.95, 0.99)
    ]
    assert 0 < ends[0] <= ends[1] <= ends[2] < math.inf
    for name in ("contextql_database_seconds", "contextql_pool_wait_seconds"):
        assert percentile(samples, name, 0.99) < math.inf


async def test_a_limit_that_refuses_is_counted(database_url: str) -> None:
    async with a_server(database_url, [], generation_rate_limit=1) as client:
        user = await a_user_who_knows(client, "ada", "Tea is kept in the blue tin.")
        for _ in range(2):
            await ask(client, GENERATE, input={"userId": user, "message": "Where is the tea?"})
        samples = await scrape(client)
    assert value(samples, "contextql_limit_hits_total", limit="generations") == 1
    assert value(samples, "contextql_operation_errors_total", code="RATE_LIMITED") == 1


async def test_what_there_is_in_the_process_and_the_store_is_measured(database_url: str) -> None:
    facts: list[Fact] = []
    async with a_server(database_url, facts, pool_size=7) as client:
        await until(lambda: any(isinstance(fact, ProcessMeasured) for fact in facts))

        def is_told(samples: Samples, name: str) -> bool:
            return any(named == name for named, _ in samples)

        samples = await scrape(client)
        while not value(samples, "contextql_notification_lag_seconds_count"):
            samples = await scrape(client)
    assert value(samples, "contextql_pool_connections_limit") == 7
    assert value(samples, "contextql_pool_connections_open") >= 1
    assert value(samples, "contextql_in_flight", kind="operations") == 0
    assert value(samples, "contextql_live_viewers") == 0
    assert value(samples, "contextql_running_responses") == 0
    assert value(samples, "contextql_event_loop_lag_seconds") < 10
    assert value(samples, "contextql_upkeep_last_success_timestamp_seconds", task="renew") > 1e9
    assert is_told(samples, "contextql_store_bytes")


async def test_nothing_of_a_user_is_told(database_url: str, db: Database) -> None:
    planted = "PLANTED"
    facts: list[Fact] = []
    async with a_server(database_url, facts) as client:
        user = await a_user_who_knows(client, f"{planted}-ada", f"{planted} tea in the blue tin.")
        await ask(client, SEARCH, user=user, text=f"{planted} tea")
        await ask(client, GENERATE, input={"userId": user, "message": f"{planted} tea?"})
        await ask(client, f"query A{'x' * 70}{planted} {{ viewer {{ role }} }}")
        await ask(client, f"{{ {planted}: viewer {{ nothing{planted} }} }}")
        await client.get("/metrics", headers=bearing(f"cql_{planted}"))
        text = (await client.get("/metrics")).text
        rows = await db.fetch("select id from users")
    assert planted not in text
    assert KEY not in text
    for row in rows:
        assert str(row["id"]) not in text
    assert user not in text


async def test_metrics_are_for_services_only(database_url: str, db: Database) -> None:
    async with a_server(database_url, []) as client:
        nobody = await client.get("/metrics", headers={"Authorization": ""})
        assert nobody.status_code == 401
        assert nobody.headers["WWW-Authenticate"] == "Bearer"
        of_a_user = await client.get("/metrics", headers=bearing(await key_for(db, "ada")))
        assert of_a_user.status_code == 403
        (error,) = of_a_user.json()["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert (await client.post("/metrics")).status_code == 405
        samples = await scrape(client)
    assert value(samples, "contextql_refused_requests_total", status="403", code="FORBIDDEN") == 1
    assert value(samples, "contextql_refused_requests_total", status="401") == 1


async def test_open_metrics_is_told_to_who_prefers_it(database_url: str) -> None:
    async with a_server(database_url, []) as client:
        accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
        answer = await client.get("/metrics", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    names = {family.name for family in parsed_as_open_metrics(answer.text)}  # type: ignore[no-untyped-call]
    assert "contextql_operations" in names


async def test_with_a_port_of_its_own_it_is_nowhere_else(database_url: str) -> None:
    async with a_server(database_url, [], metrics_port=0) as client:
        assert (await client.get("/metrics")).status_code == 404
    metrics = Metrics()
    with served_at_a_port("127.0.0.1", 0, metrics.scraped) as url:
        async with httpx.AsyncClient() as anybody:
            answer = await anybody.get(url or "")
    assert answer.status_code == 200
    assert value(samples_of(answer.text), "contextql_workers") == 1


@pytest.mark.parametrize("word", ["user_id", "external_id", "request_id", "message", "key"])
def test_no_label_is_a_persons(word: str) -> None:
    for path in Path("api/telemetry/metrics").glob("of_*.py"):
        assert f'"{word}"' not in path.read_text()
