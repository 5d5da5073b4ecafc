"""What every command needs: the settings, a database that is ready, and one line when it cannot go on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from api.settings import Settings
from db import diagnosis, migration
from db.embedded import NotStarted, embedded
from db.errors import Unavailable
from db.migration import Unfit
from db.revisions import Standing

errors = Console(stderr=True, soft_wrap=True, highlight=False)


def read_settings(**overrides: object) -> Settings:
    """The settings from the environment and `.env`. A wrong value ends the program with one clear line each."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # the values are checked right here
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            errors.print(f"contextql: CONTEXTQL_{name}: {problem['msg']}", markup=False)
        raise typer.Exit(2) from None


@contextmanager
def reached_database(settings: Settings) -> Iterator[str]:
    """The URL of the database, with the embedded server started if that is the one."""
    try:
        if settings.database_url is not None:
            yield settings.database_url.get_secret_value()
        else:
            with embedded(settings.data_dir) as server:
                yield server.url
    except Unavailable as error:
        refuse(f"the database cannot be reached: {error}; check CONTEXTQL_DATABASE_URL.")
    except (NotStarted, Unfit) as error:
        refuse(f"{error}.")


@contextmanager
def ready_database(settings: Settings) -> Iterator[str]:
    """As `reached_database`, with the tables as this code needs them."""
    with reached_database(settings) as database_url:
        standing = asyncio.run(migration.standing(database_url))
        if settings.database_url is None and standing is Standing.BEHIND:
            migration.upgrade(database_url)
        else:
            require_served(standing)
        asyncio.run(migration.require_walls(database_url))
        if not asyncio.run(knows_language(database_url, settings.language)):
            refuse(
                f"CONTEXTQL_LANGUAGE: PostgreSQL has no text search configuration "
                f"{settings.language!r}; `simple` suits any language."
            )
        yield database_url


async def knows_language(database_url: str, language: str) -> bool:
    """Whether PostgreSQL has the text search configuration that the settings name."""
    async with diagnosis.looking(database_url) as connection:
        return await diagnosis.knows_language(connection, language)


def require_served(standing: Standing) -> None:
    match standing:
        case Standing.CURRENT | Standing.EXPANDED:
            return
        case Standing.BEHIND:
            refuse("the tables are older than this version; mend it with: contextql migrate")
        case Standing.AHEAD:
            refuse(
                "the tables are newer than this version; mend it with the newer version, or go back with: "
                "alembic downgrade"
            )


def refuse(*why: str) -> NoReturn:
    """End the program with one line for each reason."""
    for one in why:
        errors.print(f"contextql: {one}", markup=False)
    raise typer.Exit(1)
