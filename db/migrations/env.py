"""How alembic reaches the database: through asyncpg, with the same URL the server uses."""

from __future__ import annotations

import asyncio

import asyncpg
from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from db import revisions

# Two servers that start at once must not migrate at once.
MIGRATION_LOCK = 0x636F6E74657874


def apply(connection: Connection) -> None:
    context.configure(connection=connection)
    with context.begin_transaction():
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        # Whoever waits for a table has everybody else wait behind it: rather give up, and try again. And rather than
        # those who are served: they may hold the next table and wait for the one before, and PostgreSQL ends whoever
        # has then waited for `deadlock_timeout`, which is a second.
        connection.execute(text("set local lock_timeout = '500ms'"))
        context.run_migrations()
        connection.execute(text(served_from(context.get_context().get_current_revision())))


def served_from(revision: str | None) -> str:
    """The statement that lets older code know whether it serves these tables."""
    script = context.script.get_revision(revision) if revision else None
    said = "null"
    if script is not None:
        # Who says nothing is served by its own code only.
        oldest = getattr(script.module, "served_from", script.revision)
        said = f"'{revisions.comment(script.revision, oldest)}'"
    return f"comment on table alembic_version is {said}"


async def migrate(database_url: str) -> None:
    engine = create_async_engine(
        # asyncpg reads the URL, so that what the pool understands is understood here too.
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(database_url),
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(apply)
    finally:
        await engine.dispose()


def asked_database_url() -> str:
    given = context.config.attributes.get("database_url")
    url = given or context.get_x_argument(as_dictionary=True).get("database_url")
    if not url:
        raise SystemExit("say which database: alembic -x database_url=postgresql://… upgrade head")
    return str(url)


asyncio.run(migrate(asked_database_url()))
