"""What an orchestrator hears."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Any

import httpx
import pytest

from api.door import health
from db import revisions
from db.embedded import Embedded
from tests.databases import away, run_sql
from tests.door.conftest import Served


async def checks(client: httpx.AsyncClient) -> tuple[int, dict[str, Any]]:
    ready = await client.get("/readyz")
    return ready.status_code, ready.json()["checks"]


async def until_ready(client: httpx.AsyncClient, status: int) -> dict[str, Any]:
    """The checks, once readiness has that status."""
    async with asyncio.timeout(15):
        while (found := await checks(client))[0] != status:  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.05)
    return found[1]


async def test_a_server_that_serves_is_live_and_ready(served: Served) -> None:
    async with served() as client:
        lives = (await client.get("/healthz")).json()
        assert lives.pop("uptime_seconds") >= 0
        assert lives == {"status": "live", "version": version("contextql")}
        status, found = await checks(client)
        assert status == 200
        assert found["database"].pop("milliseconds") > 0
        assert found == {
            "accepting": {"status": "ok"},
            "database": {"status": "ok"},
            "migrations": {"status": "ok", "reason": "current"},
            "listener": {"status": "ok"},
        }


async def test_a_server_whose_database_is_away_lives_but_is_not_ready_until_it_is_back(
    served: Served, postgres: Embedded, database_url: str
) -> None:
    async with served() as client:
        async with away(postgres, database_url):
            found = await until_ready(client, 503)
            async with asyncio.timeout(5):
                while found["database"]["status"] == "ok" or found["listener"]["status"] == "ok":
                    await asyncio.sleep(0.05)
                    _, found = await checks(client)
            assert found["database"] == {"status": "failed", "reason": "not reachable"}
            assert found["migrations"]["status"] == "failed"
            assert found["listener"]["reason"]
            assert (await client.get("/healthz")).status_code == 200
            # Nothing of where the database is, nor of what it said.
            assert "allow" not in str(found)
            assert "socket" not in str(found)
        await until_ready(client, 200)


@pytest.mark.parametrize(
    ("standing", "status", "words"),
    [
        ("update alembic_version set version_num = '0008'", 503, "behind"),
        ("update alembic_version set version_num = '9999'", 503, "ahead"),
        ("drop table alembic_version", 503, "behind"),
    ],
)
async def test_tables_that_this_version_cannot_serve_turn_it_red(
    served: Served, database_url: str, standing: str, status: int, words: str
) -> None:
    async with served() as client:
        await run_sql(database_url, standing)
        found = await until_ready(client, status)
        assert found["migrations"]["reason"].startswith(words)
        assert found["database"]["status"] == "ok"


async def test_newer_tables_that_this_version_serves_leave_it_ready(
    served: Served, database_url: str
) -> None:
    head = revisions.of_this_code().head
    await run_sql(
        database_url,
        "update alembic_version set version_num = '9999'",
        f"comment on table alembic_version is '{revisions.COMMENT.format('9999', head)}'",
    )
    async with served() as client:
        status, found = await checks(client)
        assert status == 200
        assert found["migrations"]["reason"].startswith("expanded")


@pytest.mark.whole_pool
async def test_however_many_ask_at_once_the_database_is_asked_once(
    served: Served, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # No time passes that would make a second question due.
    monkeypatch.setattr(health, "FRESH_SECONDS", 3600.0)
    async with served() as client:
        for _ in range(3):
            answers = await asyncio.gather(*(client.get("/readyz") for _ in range(30)))
            assert {answer.status_code for answer in answers} == {200}
        assert statements.count(revisions.STORED) == 1


async def test_who_gives_up_waiting_takes_the_answer_from_nobody(
    served: Served, database_url: str
) -> None:
    async with served() as client:
        with pytest.raises(httpx.TimeoutException):
            await client.get("/readyz", timeout=0.000001)
        assert (await checks(client))[0] == 200


async def test_a_database_that_does_not_answer_in_time_is_not_waited_for(
    served: Served, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "DATABASE_SECONDS", 0.2)
    async with served() as client:
        await run_locked(client, database_url)


async def run_locked(client: httpx.AsyncClient, database_url: str) -> None:
    """While somebody holds the table of the revisions, whoever reads it waits."""
    locking = asyncio.create_task(
        run_sql(
            database_url,
            "begin; lock table alembic_version; select pg_sleep(30)",
        )
    )
    try:
        found = await until_ready(client, 503)
        assert found["database"]["reason"] == "no answer within 0.2 seconds"
    finally:
        locking.cancel()
        await asyncio.gather(locking, return_exceptions=True)
    await until_ready(client, 200)
