"""Bringing the tables to what this code was written for, and seeing whether they are."""

from __future__ import annotations

import asyncio
from enum import Enum
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from db.errors import reaching


class Standing(Enum):
    """How the tables stand to the code."""

    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"


OLDEST_PGVECTOR = (0, 8)
"""The first that goes on through an index until enough passes a filter."""


class Unfit(Exception):
    """The database cannot hold the tables; the text says what it lacks."""


def configuration(database_url: str | None = None) -> Config:
    """Alembic's configuration, wherever the package is installed."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["database_url"] = database_url
    return config


def upgrade(database_url: str, revision: str = "head") -> None:
    """Apply what is missing. Runs an event loop of its own: call it from a thread without one.

    Raises `Unfit`, before anything is changed.
    """
    asyncio.run(_require_vector(database_url))
    command.upgrade(configuration(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Take back what came after `revision` (`base`: everything)."""
    command.downgrade(configuration(database_url), revision)


async def standing(database_url: str) -> Standing:
    """Whether the database is behind the code, ahead of it, or just right."""
    script = ScriptDirectory.from_config(configuration())
    found = await _stored_revision(database_url)
    if found == script.get_current_head():
        return Standing.CURRENT
    known = {revision.revision for revision in script.walk_revisions()}
    return Standing.BEHIND if found is None or found in known else Standing.AHEAD


async def _stored_revision(database_url: str) -> str | None:
    with reaching():
        connection = await asyncpg.connect(database_url, timeout=10)
    try:
        revision: str | None = await connection.fetchval("select version_num from alembic_version")
        return revision
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()


async def _require_vector(database_url: str) -> None:
    """See whether the database has pgvector or may have it, by trying; nothing of it stays."""
    with reaching():
        connection = await asyncpg.connect(database_url, timeout=10)
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
    finally:
        # With the connection ends the transaction.
        await connection.close()
    _require_version(found)


def _require_version(found: str) -> None:
    if tuple(int(part) for part in found.split(".")[:2]) < OLDEST_PGVECTOR:
        raise Unfit(
            f"pgvector {found} is too old, 0.8 or newer is needed; install it on the server, then run in this "
            "database: alter extension vector update"
        )
