"""The way to PostgreSQL: a pool of connections, and what every statement goes through."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from db.connection import ALL, ONE, QuietConnection
from db.connections import Connections
from db.documents import received, sent
from db.errors import Missing, StoreError, reaching, translated, translation
from db.scope import EVERYONE, NOBODY, Scope

Row = asyncpg.Record


class Store(Protocol):
    """Where statements go: the database, each on any connection, or a session that something else is a part of."""

    language: str
    namespace: UUID

    async def fetch(self, sql: str, *args: object) -> Sequence[Row]: ...

    async def fetchrow(self, sql: str, *args: object) -> Row | None: ...

    def transaction(self) -> AbstractAsyncContextManager[Session]: ...


STREAMED_AT_ONCE = 100
"""Rows that are held at a time of those that are streamed."""


class Session:
    """One connection, for as long as the `async with` that gave it."""

    def __init__(self, connection: QuietConnection, db: Database) -> None:
        self.connection = connection
        self._db = db
        self.language = db.language
        self.namespace = db.namespace

    def fetch(self, sql: str, *args: object) -> Coroutine[Any, Any, Sequence[Row]]:
        return self._db.ask(self.connection, sql, args, ALL)

    async def fetchrow(self, sql: str, *args: object) -> Row | None:
        rows = await self._db.ask(self.connection, sql, args, ONE)
        return rows[0] if rows else None

    async def stream(self, sql: str, *args: object) -> AsyncIterator[Row]:
        """The rows as they are wanted, a few at a time; within a transaction only."""
        db = self._db
        db.access.on_statement(sql)
        began = perf_counter()
        try:
            with translated():
                async for row in self.connection.cursor(
                    sql, *db.scope.narrowed(args), prefetch=STREAMED_AT_ONCE
                ):
                    yield row
        finally:
            db.took(sql, perf_counter() - began)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """This session, within the transaction around it; without one, within one of its own."""
        if self.connection.is_in_transaction():
            yield self
        else:
            async with self.together():
                yield self

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """A transaction: rolled back when the block raises."""
        with translated():
            async with self.connection.transaction():
                yield

    @asynccontextmanager
    async def at_one_moment(self) -> AsyncIterator[None]:
        """A transaction that only reads, and sees nothing of what is written meanwhile."""
        with translated():
            async with self.connection.transaction(isolation="repeatable_read", readonly=True):
                yield


def _translation(error: Exception, args: tuple[object, ...]) -> StoreError | None:
    """What it is of a statement about the first of these: if a row of nobody's is refused, there is no such user."""
    if isinstance(error, asyncpg.InsufficientPrivilegeError) and args[:1] == (NOBODY,):
        return Missing("user")
    return translation(error)


def nothing(*_: object) -> None:
    """What is done where nobody is told."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach the database, and how patient to be.

    `pool_wait` and `statement_timeout` are seconds. `language` is a PostgreSQL text search configuration.
    `on_statement` is called with the text of each statement before it is sent, and `on_answer` with it and the seconds
    that it took; both in the task that asks. `on_wait` is called with the seconds that a connection was waited for;
    those that were at hand are counted, see `Database.lent_at_once`.
    """

    url: str
    pool_size: int = 10
    pool_wait: float = 5.0
    statement_timeout: float = 10.0
    language: str = "english"
    on_statement: Callable[[str], None] = nothing
    on_answer: Callable[[str, float], None] = nothing
    on_wait: Callable[[float], None] = nothing


class Database:
    """The store as every function in `db/` is given it."""

    statements = 0
    """How many were asked of PostgreSQL through this handle."""
    seconds = 0.0
    """How long they took."""
    waited = 0.0
    """How many seconds connections were waited for."""

    def __init__(
        self,
        connections: Connections,
        access: Access,
        namespace: UUID,
        scope: Scope = EVERYONE,
    ) -> None:
        self._connections = connections
        self.scope = scope
        self.access = access
        self.language = access.language
        self.namespace = namespace
        """Under which a user's id is the UUIDv5 of its external id."""

    def within(self, scope: Scope) -> Database:
        """The same store, no further than the scope reaches, which counts by itself what is asked through it."""
        return Database(self._connections, self.access, self.namespace, scope)

    def session(self) -> Lent:
        """Several statements on one connection. Raises `Unavailable` after `pool_wait` seconds without one."""
        return Lent(self)

    async def lend(self) -> QuietConnection:
        """A connection that `take_back` ends the use of."""
        return await self._ready(self._connections.at_hand())

    async def _ready(self, connection: QuietConnection | None) -> QuietConnection:
        """This one, or one that is waited for.

        If it last worked for somebody else it is told for whom it works now, which takes a round trip.
        """
        if connection is None:
            connection = await self._waited_for()
        if connection.stands_for != self.scope:
            try:
                await connection.stand(self.scope)
            except BaseException:
                await self._connections.give_up(connection)
                raise
        return connection

    async def _waited_for(self) -> QuietConnection:
        began = perf_counter()
        try:
            return await self._connections.take()
        finally:
            seconds = perf_counter() - began
            self.waited += seconds
            self.access.on_wait(seconds)

    async def take_back(self, connection: QuietConnection, *, in_order: bool) -> None:
        if in_order:
            self._connections.give_back(connection)
        else:
            await self._connections.give_up(connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Several statements that are seen together or not at all."""
        async with self.session() as session, session.together():
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Session]:
        """Several statements that only read, all of them the same moment."""
        async with self.session() as session, session.at_one_moment():
            yield session

    def fetch(self, sql: str, *args: object) -> Coroutine[Any, Any, Sequence[Row]]:
        return self._rows(sql, args, ALL)

    async def fetchrow(self, sql: str, *args: object) -> Row | None:
        rows = await self._rows(sql, args, ONE)
        return rows[0] if rows else None

    async def _rows(self, sql: str, args: tuple[object, ...], limit: int) -> Sequence[Row]:
        """Those of one statement, on any connection."""
        connection = self._connections.at_hand()
        if connection is None or connection.stands_for is not self.scope:
            connection = await self._ready(connection)
        try:
            rows = await self.ask(connection, sql, args, limit)
        except BaseException:
            await self._connections.give_up(connection)
            raise
        self._connections.give_back(connection)
        return rows

    async def ask(
        self, connection: QuietConnection, sql: str, args: tuple[object, ...], limit: int
    ) -> Sequence[Row]:
        """The rows of a statement on this connection, which was lent for it."""
        narrowed = self.scope.narrowed(args)
        if self.access.on_statement is not nothing:
            self.access.on_statement(sql)
        began = perf_counter()
        try:
            return await connection.ask(sql, narrowed, limit)
        except Exception as error:
            if ours := _translation(error, narrowed):
                raise ours from error
            raise
        finally:
            self.took(sql, perf_counter() - began)

    def took(self, sql: str, seconds: float) -> None:
        """Count a statement that was asked."""
        self.statements += 1
        self.seconds += seconds
        self.access.on_answer(sql, seconds)

    def connections(self) -> tuple[int, int, int]:
        """How many of the pool work just now, are open, and may be open."""
        return self._connections.counted()

    def lent_at_once(self) -> int:
        """How many connections nobody waited for, since it was last asked for."""
        return self._connections.lent_at_once()


class Lent:
    """A session of the database, for the length of an `async with`."""

    __slots__ = ("_connection", "_db")

    def __init__(self, db: Database) -> None:
        self._db = db
        self._connection: QuietConnection | None = None

    async def __aenter__(self) -> Session:
        self._connection = connection = await self._db.lend()
        return Session(connection, self._db)

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        assert self._connection is not None  # noqa: S101  # it was entered
        await self._db.take_back(self._connection, in_order=error is None)


NAMESPACE = "select namespace from deployment"


@asynccontextmanager
async def opened(access: Access) -> AsyncIterator[Database]:
    """A pool on a migrated database. Raises `Unavailable` when it cannot be reached."""
    with reaching():
        pool = await asyncpg.create_pool(
            access.url,
            min_size=1,
            max_size=access.pool_size,
            timeout=access.pool_wait,
            connection_class=QuietConnection,
            init=_prepare_connection,
            server_settings=_session_settings(access),
        )
    connections = Connections(pool, access.pool_wait)
    try:
        namespace = await pool.fetchval(NAMESPACE)
        yield Database(connections, access, namespace)
    finally:
        await connections.close()


def _session_settings(access: Access) -> dict[str, str]:
    return {
        "application_name": "contextql",
        "statement_timeout": str(round(access.statement_timeout * 1000)),
        # Our statements are short: to compile them, or to share them out, costs more than to run them.
        "jit": "off",
        "max_parallel_workers_per_gather": "0",
        "timezone": "UTC",
    }


async def _prepare_connection(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=sent,
        decoder=received,
    )
    await connection.learn_its_role()
