"""What is in `deploy/`: a real Prometheus reads it, scrapes a server, and answers every query of the dashboard."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import urlsplit

import httpx

from api.app import create_app
from api.settings import Settings
from api.telemetry.metrics import Metrics
from api.telemetry.metrics.port import served
from tests.credential import AUTHORIZED
from tests.prometheus import program
from tests.serving import serving
from tests.telemetry.test_documented import DASHBOARD, ROOT

DEPLOY = ROOT / "deploy"

SCRAPING = """
global: {{ scrape_interval: 500ms, evaluation_interval: 500ms }}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: contextql
    static_configs:
      - targets: ["{target}"]
"""


def promtool(*arguments: str, folder: Path = DEPLOY) -> None:
    done = subprocess.run(
        [program("promtool"), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_configuration_with_the_rules() -> None:
    promtool("check", "config", "prometheus.yml")


def test_alerts_are_heard_when_they_should_be_and_not_otherwise() -> None:
    promtool("test", "rules", "rules.test.yml", folder=Path(__file__).parent)


def free_port() -> int:
    """One that nobody listens at just now; Prometheus does not say which it has taken."""
    with closing(socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def prometheus(target: str, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A Prometheus that scrapes the target, and knows the rules; gives a client of its API."""
    config = folder / "prometheus.yml"
    config.write_text(SCRAPING.format(rules=DEPLOY / "prometheus-rules.yml", target=target))
    address = f"127.0.0.1:{free_port()}"
    process = await asyncio.create_subprocess_exec(
        program("prometheus"),
        *(f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"),
        *(f"--web.listen-address={address}", "--log.level=error"),
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}/api/v1", timeout=20) as client:
            yield client
    finally:
        process.kill()
        await process.wait()


async def asked(client: httpx.AsyncClient, expression: str) -> list[Any]:
    """What the expression gives now. While Prometheus begins it gives nothing."""
    try:
        answer = await client.get("/query", params={"query": expression})
    except httpx.TransportError:
        return []
    assert answer.status_code in {200, 503}, answer.text
    return answer.json()["data"]["result"] if answer.status_code == 200 else []


async def until_it_gives(client: httpx.AsyncClient, expression: str) -> None:
    async with asyncio.timeout(60):
        while not await asked(client, expression):  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.1)


def expressions() -> list[str]:
    """All that the dashboard asks, with its variables as Grafana would fill them in."""
    targets = [one for panel in DASHBOARD["panels"] for one in panel.get("targets", ())]
    return [
        target["expr"].replace("$job", ".*").replace("$__rate_interval", "1m") for target in targets
    ]


async def busy(client: httpx.AsyncClient) -> None:
    """Some of all that the dashboard tells of."""
    made = await post(
        client, 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'
    )
    user = made["upsertUser"]["user"]["id"]
    await post(
        client,
        """mutation ($user: ID!) { createContext(input: { userId: $user, contextType: "knowledge",
          content: { text: "Ada likes tea." } }) { context { id } } }""",
        user=user,
    )
    await post(
        client,
        """mutation ($user: ID!) { generateResponse(input: { userId: $user, message: "What does Ada like?" }) {
          response { id } } }""",
        user=user,
    )
    await post(
        client, '{ user(by: { externalId: "ada" }) { search(query: "tea") { edges { score } } } }'
    )
    await post(client, "{ nothing }")


async def post(client: httpx.AsyncClient, query: str, **variables: str) -> Any:
    answer = await client.post("/graphql", json={"query": query, "variables": variables})
    return answer.json().get("data")


ALIVE = (
    *("contextql_operations_total", "contextql_retrieval_seconds_bucket", "contextql_workers"),
    *("contextql_time_to_first_token_seconds_bucket", "contextql_database_seconds_bucket"),
    *("contextql_store_contexts", "contextql_pool_connections_limit", "contextql_responses_total"),
)


async def test_prometheus_scrapes_a_server_and_answers_every_query_of_the_dashboard(
    database_url: str, tmp_path: Path
) -> None:
    settings, metrics = Settings(_env_file=None), Metrics(["extractive"])
    app = create_app(settings, database_url, metrics=metrics)
    async with (
        serving(app, settings) as url,
        httpx.AsyncClient(base_url=url, headers=AUTHORIZED, timeout=20) as client,
    ):
        with served("127.0.0.1", 0, metrics.registry) as scraped:
            assert scraped
            async with prometheus(urlsplit(scraped).netloc, tmp_path) as prom:
                await until_it_gives(prom, "contextql_workers")
                for expression in expressions():
                    await asked(prom, expression)
                while not await asked(prom, "rate(contextql_operations_total[10s]) > 0"):
                    await busy(client)
                for name in ALIVE:
                    await until_it_gives(prom, name)
                for percent in (0.5, 0.95, 0.99):
                    of_retrieval = "rate(contextql_retrieval_seconds_bucket[1m])"
                    await until_it_gives(
                        prom, f"histogram_quantile({percent}, sum by (le) ({of_retrieval}))"
                    )
                health = {"unknown"}
                while "unknown" in health:
                    groups = (await prom.get("/rules")).json()["data"]["groups"]
                    health = {rule["health"] for group in groups for rule in group["rules"]}
                assert health == {"ok"}
