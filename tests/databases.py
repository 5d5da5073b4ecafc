"""Databases for tests: each a copy of a migrated template, or one that was such a copy before and is again as it was.

To make a copy and to drop it costs several times what it costs to empty one. A database is emptied and given to the
next test only if nobody else is connected to it, if its catalogue is what it was, and if it has not grown much.
Whoever sees to that stays connected, in a loop of its own: what a new connection has to learn of the tables first
takes longer than the rest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from uuid import uuid4

import asyncpg

from db.embedded import Embedded

TEMPLATE = "contextql_template"

GROWTH = 2_000_000
"""Bytes by which the tests before may have made the tables grow; the dead rows in them are in nobody's way yet."""

PARTING_SECONDS = 0.5
"""How long those who were connected may take to leave: PostgreSQL notices it later than they do."""


async def run_sql(url: str, *statements: str) -> None:
    """Run statements that may not stand in a transaction."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@asynccontextmanager
async def away(postgres: Embedded, database_url: str) -> AsyncIterator[None]:
    """No connection to the database, for the length of the block."""
    name = database_url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
    await run_sql(postgres.url, f"alter database {name} with allow_connections false")
    await run_sql(
        postgres.url,
        f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
    )
    try:
        yield
    finally:
        await run_sql(postgres.url, f"alter database {name} with allow_connections true")


@asynccontextmanager
async def database(postgres: Embedded, template: str = TEMPLATE) -> AsyncIterator[str]:
    """A database that nobody had before, for the length of the block."""
    url = await _copied(postgres, template)
    try:
        yield url
    finally:
        await _dropped(postgres, url)


async def _copied(postgres: Embedded, template: str = TEMPLATE) -> str:
    name = f"test_{uuid4().hex}"
    await run_sql(postgres.url, f"create database {name} template {template} strategy file_copy")
    return postgres.database_url(name)


async def _dropped(postgres: Embedded, url: str) -> None:
    name = url.split("?", 1)[0].rsplit("/", 1)[1]
    await run_sql(postgres.url, f"drop database {name} with (force)")


@dataclass(slots=True)
class Reused:
    """The database that one test has after the other, each as if nobody had had it before."""

    postgres: Embedded
    _loop: asyncio.AbstractEventLoop
    _kept: Kept | None = field(default=None, init=False)

    @asynccontextmanager
    async def had(self) -> AsyncIterator[str]:
        """The URL of it, for one test."""
        yield await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(self._as_new(), self._loop)
        )

    async def _as_new(self) -> str:
        if self._kept is not None and not await self._kept.restored():
            await self.leave()
        if self._kept is None:
            self._kept = await kept(await _copied(self.postgres))
        return self._kept.url

    async def leave(self) -> None:
        """Drop the database."""
        if self._kept is not None:
            self._kept.connection.terminate()
            await _dropped(self.postgres, self._kept.url)
            self._kept = None


@contextmanager
def reusing(postgres: Embedded) -> Iterator[Reused]:
    """A database to have again and again, for the length of the block and longer than a loop of a test."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    reused = Reused(postgres, loop)
    try:
        yield reused
    finally:
        asyncio.run_coroutine_threadsafe(reused.leave(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass(frozen=True, slots=True)
class Kept:
    """A database, and how it was when it was new; `restoring` is SQL that brings its rows back to that."""

    url: str
    connection: asyncpg.Connection
    catalogue: str
    size: int
    restoring: str

    async def restored(self) -> bool:
        """Bring it back to how it was; False if that cannot be done by means of its rows alone."""
        try:
            if not await self._is_fit():
                return False
            await self.connection.execute(self.restoring)
        except (asyncpg.PostgresError, asyncpg.InterfaceError):
            # A test has ended the connection.
            return False
        return True

    async def _is_fit(self) -> bool:
        catalogue, size = await _state(self.connection)
        return (
            catalogue == self.catalogue
            and size < self.size + GROWTH
            and await _is_alone(self.connection)
        )


async def kept(url: str) -> Kept:
    """The database as it is now."""
    connection = await asyncpg.connect(url)
    catalogue, size = await _state(connection)
    return Kept(url, connection, catalogue, size, await _restoring(connection))


# What a change leaves in a catalogue: fewer rows, or one with a younger transaction. What the planner knows is of it.
CATALOGUES = {
    "pg_attrdef": "oid",
    "pg_attribute": "attrelid",
    "pg_class": "oid",
    "pg_constraint": "oid",
    "pg_default_acl": "oid",
    "pg_event_trigger": "oid",
    "pg_extension": "oid",
    "pg_index": "indexrelid",
    "pg_policy": "oid",
    "pg_proc": "oid",
    "pg_rewrite": "oid",
    "pg_statistic": "starelid",
    "pg_trigger": "oid",
    "pg_ts_config": "oid",
    "pg_type": "oid",
}
"""The catalogues of one database, and where each has the object that a row is about."""

FIRST_OF_OURS = 16384
"""Below it are the objects that every database of PostgreSQL has."""

STATE = f"""
select
    concat_ws(' ',
        {", ".join(
            f"(select (count(*), max(xmin::text::bigint)) from {catalogue} where {object} >= {FIRST_OF_OURS})"
            for catalogue, object in CATALOGUES.items()
        )},
        (select (count(*), max(xmin::text::bigint)) from pg_namespace),
        (select sum(reltuples) from pg_class where oid >= {FIRST_OF_OURS}),
        (select (datdba, datconnlimit, datacl) from pg_database where datname = current_database()),
        (
            select array_agg(setting) from pg_db_role_setting setting
            join pg_database d on d.oid = setdatabase where datname = current_database()
        )
    ),
    (
        select sum(pg_relation_size(oid)) from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace
    )::bigint
"""  # fmt: skip


async def _state(connection: asyncpg.Connection) -> tuple[str, int]:
    """What the catalogue is known by, and the bytes of all tables."""
    ((catalogue, size),) = await connection.fetch(STATE)
    return catalogue, size


OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
"""


async def _is_alone(connection: asyncpg.Connection) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(PARTING_SECONDS):
            while await connection.fetchval(OTHERS):  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.002)
            return True
    return False


TABLES = """
select quote_ident(relname) from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace
"""


async def _restoring(connection: asyncpg.Connection) -> str:
    tables = [str(row[0]) for row in await connection.fetch(TABLES)]
    return "".join(
        (
            # Neither triggers nor foreign keys have a say.
            "begin; set local session_replication_role = replica;",
            *(f"delete from {table};" for table in tables),
            *[await _refilling(connection, table) for table in tables],
            "commit",
        )
    )


async def _refilling(connection: asyncpg.Connection, table: str) -> str:
    rows = await connection.fetchval(f"select jsonb_agg(to_jsonb(it)) from {table} it")
    if rows is None:
        return ""
    return f"insert into {table} select * from jsonb_populate_recordset(null::{table}, $rows${rows}$rows$);"
