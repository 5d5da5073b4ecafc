"""A statement that was asked before is sent at once: what comes back is what asyncpg's own way gives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from db.connection import ALL, ONE
from db.errors import Unavailable
from db.pool import Access, Database, opened
from tests.databases import run_sql

THINGS = "create table things (id int primary key, name text)"
FILL = "insert into things select n, 'thing ' || n from generate_series(1, 5) n"
READ = "select * from things where id >= $1 order by id"


@pytest.fixture
async def db(reached: Access, database_url: str) -> AsyncIterator[Database]:
    """With one connection, so that all who come use the same, and a table that is free to change."""
    await run_sql(database_url, THINGS, FILL)
    async with opened(replace(reached, pool_size=1)) as database:
        yield database
    await run_sql(database_url, "drop table things")


async def test_the_rows_are_the_same_the_first_time_and_later(db: Database) -> None:
    async with db.session() as session:
        expected = await session.connection.fetch(READ, 2)
        assert len(expected) == 4
        for _ in range(3):
            assert await session.connection.ask(READ, (2,), ALL) == expected
            assert await session.connection.ask(READ, (2,), ONE) == expected[:1]
            assert await session.connection.ask(READ, (9,), ONE) == []
    for _ in range(3):
        assert await db.fetch(READ, 2) == expected
        assert await db.fetchrow(READ, 2) == expected[0]
        assert await db.fetchrow(READ, 9) is None


async def test_a_table_that_has_changed_is_read_as_it_is_now(
    db: Database, database_url: str
) -> None:
    for _ in range(2):
        row = await db.fetchrow(READ, 5)
    assert row is not None
    assert [*row.keys()] == ["id", "name"]
    await run_sql(database_url, "alter table things add column size int default 7")
    row = await db.fetchrow(READ, 5)
    assert row is not None
    assert [*row.values()] == [5, "thing 5", 7]
    assert len(await db.fetch(READ, 1)) == 5


async def test_within_a_transaction_a_table_that_has_changed_is_told_and_then_read(
    db: Database, database_url: str
) -> None:
    for _ in range(2):
        await db.fetch(READ, 1)
    await run_sql(database_url, "alter table things add column size int default 7")
    with pytest.raises(asyncpg.InvalidCachedStatementError):
        async with db.transaction() as session:
            await session.fetch(READ, 1)
    async with db.transaction() as session:
        assert [*(await session.fetch(READ, 5))[0].values()] == [5, "thing 5", 7]


async def test_what_a_statement_is_given_wrongly_is_said_and_the_connection_goes_on(
    db: Database,
) -> None:
    for _ in range(2):
        await db.fetch(READ, 1)
    async with db.session() as session:
        with pytest.raises(asyncpg.DataError):
            await session.fetch(READ, "one")
        assert len(await session.fetch(READ, 1)) == 5


async def test_one_statement_at_a_time(db: Database) -> None:
    async with db.session() as session:
        await session.fetch(READ, 1)
        answers = await asyncio.gather(
            *(session.fetch(READ, 1) for _ in range(2)), return_exceptions=True
        )
        assert [type(answer) for answer in answers] == [list, Unavailable]


async def test_a_connection_that_was_closed_is_unavailable(db: Database) -> None:
    async with db.session() as session:
        await session.fetch(READ, 1)
        session.connection.terminate()
        with pytest.raises(Unavailable):
            await session.fetch(READ, 1)
    assert len(await db.fetch(READ, 1)) == 5


async def test_those_that_were_at_hand_are_counted(reached: Access) -> None:
    waits: list[float] = []
    async with opened(replace(reached, pool_size=1, on_wait=waits.append)) as db:
        for _ in range(3):
            await db.fetch("select 1")
        assert (len(waits), db.lent_at_once()) == (1, 2)
        await asyncio.gather(*(db.fetch("select 1") for _ in range(3)))
        assert (len(waits), db.lent_at_once()) == (3, 1)
        assert db.lent_at_once() == 0
