"""One database for many tests: each finds it as if nobody had had it before."""

from __future__ import annotations

from collections.abc import Iterator

import asyncpg
import pytest

from db.embedded import Embedded
from db.pool import Access, opened
from tests.databases import GROWTH, Reused, database, reusing, run_sql
from tests.making import a_context, a_user

TABLES = """
select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
"""


@pytest.fixture
def apart(postgres: Embedded) -> Iterator[Reused]:
    """One that the other tests do not have."""
    with reusing(postgres) as one:
        yield one


async def rows(url: str) -> dict[str, str]:
    """All that is in the tables."""
    connection = await asyncpg.connect(url)
    try:
        tables = [row[0] for row in await connection.fetch(TABLES)]
        return {
            table: await connection.fetchval(f"select jsonb_agg(to_jsonb(it)) from {table} it")
            for table in tables
        }
    finally:
        await connection.close()


async def test_the_next_has_the_same_database_with_nothing_in_it_of_the_one_before(
    apart: Reused,
) -> None:
    async with apart.had() as url:
        new = await rows(url)
        async with opened(Access(url=url)) as db:
            await a_context(db, await a_user(db))
        await run_sql(
            url, "delete from api_keys", "update deployment set namespace = gen_random_uuid()"
        )
        assert await rows(url) != new
    async with apart.had() as again:
        assert again == url
        assert await rows(again) == new


async def test_a_new_database_is_as_one_that_others_had(apart: Reused, postgres: Embedded) -> None:
    async with apart.had() as url, opened(Access(url=url)) as db:
        await a_context(db, await a_user(db))
    async with apart.had() as again, database(postgres) as new:
        assert await rows(again) == await rows(new)


@pytest.mark.parametrize(
    "change",
    [
        "create table more (id integer)",
        "drop table unembedded",
        "alter table users rename to gone",
        "alter table users add column more text",
        "alter table users alter column name set default 'Ada'",
        "create index more on users (name)",
        "drop index users_by_time",
        "alter table contexts disable trigger user",
        "alter table contexts disable row level security",
        "drop function history_is_not_edited cascade",
        "create function more() returns integer language sql return 1",
        "create schema more",
        "grant select on api_keys to public",
        "analyze users",
        "vacuum api_keys",
        "do $$ begin execute format('alter database %I set jit = off', current_database()); end $$",
        "do $$ begin execute format('alter database %I connection limit 5', current_database()); end $$",
    ],
)
async def test_after_a_change_that_is_not_one_of_rows_the_next_has_another_database(
    apart: Reused, change: str
) -> None:
    async with apart.had() as url:
        await run_sql(url, change)
    async with apart.had() as other:
        assert other != url


async def test_what_others_have_made_large_is_not_had_again(apart: Reused) -> None:
    async with apart.had() as url:
        rows = (
            f"select gen_random_uuid(), repeat('x', 900) from generate_series(1, {GROWTH // 900})"
        )
        await run_sql(url, f"insert into users (id, external_id) {rows}")
    async with apart.had() as other:
        assert other != url


async def test_whoever_has_stayed_does_not_reach_the_next(apart: Reused) -> None:
    async with apart.had() as url:
        staying = await asyncpg.connect(url)
    async with apart.had() as other:
        assert other != url
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
            await staying.execute("select 1")
    await staying.close()
