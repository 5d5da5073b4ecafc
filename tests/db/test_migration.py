from __future__ import annotations

import asyncio

import pytest

from db import migration
from db.embedded import Embedded
from db.errors import Unavailable
from db.migration import Standing
from tests.conftest import database, run_sql

TABLES = "select 1 / (count(*) = 0)::int from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'"


async def test_the_migrations_go_up_and_all_the_way_down_again(postgres: Embedded) -> None:
    async with database(postgres, template="template0") as url:
        assert await migration.standing(url) is Standing.BEHIND
        await asyncio.to_thread(migration.upgrade, url)
        assert await migration.standing(url) is Standing.CURRENT
        await asyncio.to_thread(migration.downgrade, url, "base")
        assert await migration.standing(url) is Standing.BEHIND
        await run_sql(url, TABLES)
        await asyncio.to_thread(migration.upgrade, url)
        assert await migration.standing(url) is Standing.CURRENT


async def test_a_database_of_a_newer_version_is_seen_to_be_ahead(database_url: str) -> None:
    await run_sql(database_url, "update alembic_version set version_num = '9999'")
    assert await migration.standing(database_url) is Standing.AHEAD


async def test_a_database_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await migration.standing("postgresql://postgres@127.0.0.1:1/nowhere")
