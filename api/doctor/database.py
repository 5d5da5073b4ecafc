"""The database as such: whether it is there, what it can, and how it is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from api.doctor.clock import clock
from api.doctor.finding import Finding, fail, ok, warn
from api.settings import Settings
from db import diagnosis, migration
from db.migration import Unfit
from db.revisions import Standing

OTHERS = 2
"""Connections that a process has besides its pool: one listens, one makes indexes."""

LONG_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Looked:
    """What the checks of the database look at: a connection that cannot write, and how the tables stand to the code."""

    url: str
    connection: Any
    settings: Settings
    standing: Standing
    has_tables: bool


async def version(it: Looked) -> Finding:
    server = await diagnosis.server(it.connection)
    if server.number < diagnosis.OLDEST_POSTGRESQL:
        return fail(
            "postgresql", f"version {server.version}", "use PostgreSQL 15 or newer: docs/running.md"
        )
    return ok("postgresql", f"version {server.version}")


async def connections(it: Looked) -> Finding:
    """Whether every process that serves can fill its pool."""
    server = await diagnosis.server(it.connection)
    each = it.settings.pool_size + OTHERS
    wanted = each * max(server.processes, 1)
    told = (
        f"{server.taken} of {server.connections} taken; {server.processes} processes serve this database, "
        f"and each may take {each}"
    )
    remedy = "lower CONTEXTQL_POOL_SIZE, or raise max_connections in PostgreSQL"
    if each > server.connections:
        return fail("connections", told, remedy)
    return (
        warn("connections", told, remedy)
        if wanted > server.connections
        else ok("connections", told)
    )


async def clocks(it: Looked) -> Finding:
    before = datetime.now(UTC)
    server = await diagnosis.server(it.connection)
    here = before + (datetime.now(UTC) - before) / 2
    return clock("clock of the database", (server.at - here).total_seconds(), 2.0)


async def pgvector(it: Looked) -> Finding:
    installed, available = await diagnosis.vector(it.connection)
    match installed, available:
        case None, None:
            return fail("pgvector", "the server does not have it", "install it: docs/running.md")
        case None, _:
            state = fail if it.has_tables else warn
            return state("pgvector", "not in this database", "run: contextql migrate")
        case str(), _ if migration.is_old(installed):
            return fail(
                "pgvector",
                f"version {installed}; 0.8 or newer is needed",
                "install it on the server, then run in this database: alter extension vector update",
            )
    return ok("pgvector", f"version {installed}")


async def migrations(it: Looked) -> Finding:
    match it.standing:
        case Standing.CURRENT:
            return ok("migrations", "the tables are those of this version")
        case Standing.EXPANDED:
            return ok("migrations", "the tables are newer than this version, which serves them")
        case Standing.BEHIND if not it.has_tables:
            remedy = (
                "run: contextql migrate, or: contextql serve, where the server is the embedded one"
            )
            return warn("migrations", "there are no tables yet", remedy)
        case Standing.BEHIND:
            return fail(
                "migrations", "the tables are older than this version", "run: contextql migrate"
            )
        case Standing.AHEAD:
            return fail(
                "migrations",
                "the tables are newer than this version can serve",
                "run the newer version, or go back with: alembic downgrade",
            )


async def language(it: Looked) -> Finding:
    name = it.settings.language
    if await diagnosis.knows_language(it.connection, name):
        return ok("language", f"{name} is known")
    return fail(
        "language",
        f"PostgreSQL has no text search configuration {name!r}",
        "set CONTEXTQL_LANGUAGE to one of: select cfgname from pg_ts_config",
    )


async def walls(it: Looked) -> Finding:
    """What keeps one user's work from another's rows; a dump that was restored without its role has none of it."""
    try:
        await migration.require_walls(it.url)
    except Unfit as error:
        return fail("walls", "this role cannot serve", str(error))
    broken = [
        wall.table
        for wall in await diagnosis.walls(it.connection)
        if not wall.has_security
        or (wall.table in diagnosis.SEEN and not (wall.has_policy and wall.may_read))
    ]
    if broken:
        return fail(
            "walls",
            f"row-level security, a policy or a grant is missing on: {', '.join(broken)}",
            "restore the database again once the role contextql_viewer is there: docs/operations.md",
        )
    return ok("walls", "every table of users' rows stands behind row-level security")


async def credentials(it: Looked) -> Finding:
    """Whether anybody can ask, where others can reach the server."""
    settings = it.settings
    if settings.takes_tokens:
        return ok("credentials", "tokens are taken")
    try:
        has_keys = await diagnosis.has_keys(it.connection)
    except asyncpg.UndefinedTableError:
        has_keys = False
    if has_keys:
        return ok("credentials", "there are API keys")
    if settings.is_loopback:
        return ok("credentials", "none yet; the server makes a key for this machine when it starts")
    return fail(
        "credentials",
        "other machines can reach the server, and nothing says who may ask; it would not start",
        "set CONTEXTQL_JWT_SECRET or CONTEXTQL_JWT_JWKS_URL, or run: contextql keys create --name first --role service",
    )


async def transactions(it: Looked) -> Finding:
    long = await diagnosis.transactions(it.connection, LONG_SECONDS)
    if not long:
        return ok("transactions", f"none is older than {LONG_SECONDS / 60:.0f} minutes")
    told = ", ".join(
        f"{one.application or 'unnamed'} (pid {one.pid}, {one.state}, {one.seconds / 60:.0f} minutes)"
        for one in long
    )
    return warn(
        "transactions",
        f"long ones keep dead rows, and hold up migrations: {told}",
        "end them where they come from, or: select pg_terminate_backend(<pid>)",
    )
