from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from db import migration, users
from db.embedded import Embedded, embedded, stop
from db.errors import TooSlow, Unavailable
from db.pool import Access, opened
from tests.databases import run_sql
from tests.making import a_user


def start_elsewhere(data_dir: Path) -> None:
    """Start the server from another process, as its operator would."""
    script = "import sys, pathlib, db.embedded as e; e.start(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", script, str(data_dir)], check=True)


async def test_an_exhausted_pool_is_unavailable_after_its_wait_and_recovers(
    reached: Access,
) -> None:
    small = replace(reached, pool_size=1, pool_wait=0.3)
    async with opened(small) as db:
        async with db.session():
            with pytest.raises(Unavailable):
                await users.count(db)
        assert await users.count(db) == 0


async def test_a_statement_that_takes_too_long_is_stopped(reached: Access) -> None:
    async with opened(replace(reached, statement_timeout=0.05)) as db:
        with pytest.raises(TooSlow):
            await db.fetch("select pg_sleep(5)")
        assert await users.count(db) == 0


async def test_lost_connections_are_replaced_without_a_restart(
    reached: Access, postgres: Embedded
) -> None:
    async with opened(reached) as db:
        await a_user(db)
        await run_sql(
            postgres.url,
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'contextql'",
        )
        # The first to come may meet a connection that is just dying; that is said, and the next is served.
        for _ in range(20):
            try:
                assert await users.count(db) == 1
            except Unavailable:
                await asyncio.sleep(0)
            else:
                break
        assert await users.count(db) == 1


async def test_a_database_that_is_away_is_unavailable_and_served_again_when_it_is_back(
    tmp_path: Path,
) -> None:
    with embedded(tmp_path) as server:
        await asyncio.to_thread(migration.upgrade, server.url)
        async with opened(Access(url=server.url, pool_wait=0.5)) as db:
            await a_user(db)
            await asyncio.to_thread(stop, tmp_path)
            for _ in range(3):
                with pytest.raises(Unavailable):
                    await users.count(db)
            await asyncio.to_thread(start_elsewhere, tmp_path)
            assert await users.count(db) == 1
