"""Bringing the tables to what this code was written for, and seeing whether they are."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

import asyncpg

from db import revisions
from db.connection import VIEWER_ROLE
from db.errors import Contended, reaching
from db.revisions import Standing, Stored

OLDEST_PGVECTOR = (0, 8)
"""The first that goes on through an index until enough passes a filter."""


# Tried in a transaction that never ends well; the migration does the same in earnest.
TRY_ROLE = f"""
begin;
do $$ begin
    if not exists (select from pg_roles where rolname = '{VIEWER_ROLE}') then
        create role {VIEWER_ROLE} nologin;
    end if;
    if not pg_has_role(
        '{VIEWER_ROLE}',
        case when current_setting('server_version_num')::integer < 160000 then 'member' else 'set' end
    ) then
        execute format('grant {VIEWER_ROLE} to %I', current_user);
    end if;
exception when duplicate_object or unique_violation then null;
end $$
"""


class Unfit(Exception):
    """The database cannot hold the tables, or not yet; the text says what it lacks."""


def upgrade(database_url: str, revision: str = "head") -> None:
    """Apply what is missing. Runs an event loop of its own: call it from a thread without one.

    Raises `Unfit`, before anything is changed.
    """
    asyncio.run(_require_fit(database_url))
    try:
        _applying().upgrade(database_url, revision)
    except Contended as error:
        raise Unfit(
            "a long transaction holds a table that the migration has to change; nothing was changed, and nobody was "
            "kept waiting: try again, and see who holds it with: contextql doctor"
        ) from error


def downgrade(database_url: str, revision: str) -> None:
    """Take back what came after `revision` (`base`: everything)."""
    _applying().downgrade(database_url, revision)


def _applying() -> Any:
    return import_module("db.applying")


async def standing(database_url: str) -> Standing:
    """Whether the database is behind the code, ahead of it, or just right."""
    return revisions.of_this_code().standing(await _stored(database_url))


async def _stored(database_url: str) -> Stored:
    with reaching():
        connection = await asyncpg.connect(database_url, timeout=10)
    try:
        return await revisions.stored(connection)
    finally:
        await connection.close()


async def require_walls(database_url: str) -> None:
    """See whether the role that serves reaches every row, and may work as one that does not. Raises `Unfit`."""
    with reaching():
        connection = await asyncpg.connect(database_url, timeout=10)
    try:
        role = await connection.fetchval("select quote_ident(current_user)")
        is_bound = await connection.fetchval("select row_security_active('contexts')")
        await connection.execute(f"set role {VIEWER_ROLE}")
    except asyncpg.InvalidParameterValueError:
        # A dump of the database does not hold it: roles are the server's.
        raise Unfit(
            f"this PostgreSQL server has no role {VIEWER_ROLE}, so that its walls are not in the database either; "
            "make the role, then restore again: docs/operations.md"
        ) from None
    except asyncpg.InsufficientPrivilegeError:
        raise Unfit(
            f"{role} may not take the role {VIEWER_ROLE}; let who migrated run: grant {VIEWER_ROLE} to {role}"
        ) from None
    finally:
        await connection.close()
    if is_bound:
        raise Unfit(
            f"row-level security hides every row from {role}; serve as the role that migrated"
        )


def is_old(pgvector: str) -> bool:
    return tuple(int(part) for part in pgvector.split(".")[:2]) < OLDEST_PGVECTOR


async def _require_fit(database_url: str) -> None:
    """See whether the database has what the tables need or may have it, by trying; nothing of it stays."""
    if await standing(database_url) in {Standing.EXPANDED, Standing.AHEAD}:
        raise Unfit("the tables are newer than this version; migrate with the newer one")
    for requirement in (_require_vector, _require_role):
        with reaching():
            connection = await asyncpg.connect(database_url, timeout=10)
        try:
            await requirement(connection)
        finally:
            # With the connection ends the transaction.
            await connection.close()


async def _require_role(connection: asyncpg.Connection) -> None:
    try:
        await connection.execute(TRY_ROLE)
    except asyncpg.InsufficientPrivilegeError:
        await connection.execute("rollback")
        mine = await connection.fetchval("select quote_ident(current_user)")
        raise Unfit(
            f"this role may not take the role {VIEWER_ROLE}, under which one user's rows are reached; let a superuser "
            f"run: create role {VIEWER_ROLE} nologin; grant {VIEWER_ROLE} to {mine}"
        ) from None


async def _require_vector(connection: asyncpg.Connection) -> None:
    try:
        await connection.execute("begin; create extension if not exists vector")
        found = await connection.fetchval(
            "select extversion from pg_extension where extname = 'vector'"
        )
    except asyncpg.FeatureNotSupportedError:
        raise Unfit(
            "the PostgreSQL server has no pgvector; install it there, 0.8 or newer, and migrate again"
        ) from None
    except asyncpg.InsufficientPrivilegeError:
        raise Unfit(
            "this role may not add pgvector; let a superuser run in this database: create extension vector"
        ) from None
    _require_version(found)


def _require_version(found: str) -> None:
    if is_old(found):
        raise Unfit(
            f"pgvector {found} is too old, 0.8 or newer is needed; install it on the server, then run in this "
            "database: alter extension vector update"
        )
