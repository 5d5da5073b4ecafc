"""Migrations as alembic applies them. Imported only where something is to be applied: it takes its time."""

from __future__ import annotations

from contextlib import suppress
from time import sleep

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from db.errors import Contended
from db.revisions import FOLDER

TIMES = 8
"""How often it is tried to have the tables: each time they are waited for as long as db/migrations/env.py says."""

PAUSE_SECONDS = 0.2
"""Between two times, for whoever has waited behind it."""

CONTENDED = {asyncpg.LockNotAvailableError.sqlstate, asyncpg.DeadlockDetectedError.sqlstate}


def upgrade(database_url: str, revision: str) -> None:
    """Raises `Contended`, having changed nothing."""
    for _ in range(TIMES - 1):
        with suppress(Contended):
            _upgrade(database_url, revision)
            return
        sleep(PAUSE_SECONDS)
    _upgrade(database_url, revision)


def _upgrade(database_url: str, revision: str) -> None:
    try:
        command.upgrade(configuration(database_url), revision)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in CONTENDED:
            raise
        raise Contended(str(error)) from error


def downgrade(database_url: str, revision: str) -> None:
    command.downgrade(configuration(database_url), revision)


def configuration(database_url: str | None = None) -> Config:
    """Alembic's configuration, wherever the package is installed."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["database_url"] = database_url
    return config
