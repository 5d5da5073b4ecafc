"""Real parts for every test: an embedded PostgreSQL, and for each test a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.upkeep.every import UPKEEP
from db import migration
from db.embedded import Embedded, embedded
from db.pool import Access, Database, opened
from tests.asking import Asker, asking
from tests.credential import let_in
from tests.databases import TEMPLATE, Reused, database, reusing, run_sql
from tests.node import installed_clients


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """The server of this test run, with a migrated template database in it that lets the tests' key in."""
    with embedded(tmp_path_factory.mktemp("postgres")) as server:
        asyncio.run(
            run_sql(
                server.url,
                # What a test stores need not survive a power cut.
                "alter system set fsync = off",
                "alter system set synchronous_commit = off",
                "select pg_reload_conf()",
                f"create database {TEMPLATE}",
            )
        )
        migration.upgrade(server.database_url(TEMPLATE))
        asyncio.run(let_in(server.database_url(TEMPLATE)))
        yield server


@pytest.fixture(scope="session")
def reused(postgres: Embedded) -> Iterator[Reused]:
    with reusing(postgres) as one:
        yield one


@pytest.fixture
async def database_url(reused: Reused) -> AsyncIterator[str]:
    """A migrated database, empty but for the key of the tests."""
    async with reused.had() as url:
        yield url


@pytest.fixture
def statements() -> list[str]:
    """Every statement that the test's own database handle has sent, in order; what runs by itself sends its own."""
    return []


FEW = 4
"""Connections of a server in most tests: it opens all that it may at its start, and they cost more than the rest."""


@pytest.fixture
def reached(request: pytest.FixtureRequest, database_url: str, statements: list[str]) -> Access:
    """The way to the database: for few connections at once, or `whole_pool` for as many as a server has by itself."""

    def sent(statement: str) -> None:
        task = asyncio.current_task()
        if task is None or not task.get_name().startswith(UPKEEP):
            statements.append(statement)

    whole = Access(url=database_url, on_statement=sent)
    wants_it = request.node.get_closest_marker("whole_pool")
    return whole if wants_it else replace(whole, pool_size=FEW)


@pytest.fixture
async def db(reached: Access) -> AsyncIterator[Database]:
    async with opened(reached) as database:
        yield database


@pytest.fixture
async def new_db(postgres: Embedded) -> AsyncIterator[Database]:
    """The store on a database that no test had before, for one that is about PostgreSQL's plans."""
    async with database(postgres) as url, opened(Access(url=url)) as store:
        yield store


@pytest.fixture
async def asker(reached: Access) -> AsyncIterator[Asker]:
    """The whole graph on a database of its own, answering with the extractive model."""
    async with asking(reached) as one:
        yield one


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what runs in Node, with what it needs in it."""
    return installed_clients(tmp_path_factory.getbasetemp().parent / "clients.lock")
