"""Migrations as alembic applies them. Imported only where something is to be applied: it takes its time."""

from __future__ import annotations

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from db.errors import Contended
from db.revisions import FOLDER


def upgrade(database_url: str, revision: str) -> None:
    """Raises `Contended`, having changed nothing."""
    try:
        command.upgrade(configuration(database_url), revision)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != asyncpg.LockNotAvailableError.sqlstate:
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
