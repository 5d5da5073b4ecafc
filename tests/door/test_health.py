"""What an orchestrator hears."""

from __future__ import annotations

import asyncio

from db.embedded import Embedded
from tests.conftest import run_sql
from tests.door.conftest import Served

ALL_WELL = {"accepting": True, "database": True, "listener": True}


async def test_a_server_that_serves_is_live_and_ready(served: Served) -> None:
    async with served() as client:
        assert (await client.get("/healthz")).json() == {"status": "live"}
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ready", "checks": ALL_WELL})


async def test_a_server_whose_database_is_away_lives_but_is_not_ready_until_it_is_back(
    served: Served, postgres: Embedded, database_url: str
) -> None:
    name = database_url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
    async with served() as client:
        await run_sql(postgres.url, f"alter database {name} with allow_connections false")
        await run_sql(
            postgres.url,
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
        )
        async with asyncio.timeout(5):
            while (ready := await client.get("/readyz")).json()["checks"]["listener"]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert ready.status_code == 503
        assert ready.json()["checks"]["database"] is False
        assert (await client.get("/healthz")).status_code == 200
        await run_sql(postgres.url, f"alter database {name} with allow_connections true")
        async with asyncio.timeout(10):
            while (await client.get("/readyz")).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
