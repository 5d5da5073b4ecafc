"""`contextql database`: PostgreSQL's own programs, for the server that came with this one."""

from __future__ import annotations

import os
import subprocess
from typing import Annotated

import typer

from api.console import reached_database, read_settings, refuse
from db.embedded import DATABASE, SUPERUSER, programs

cli = typer.Typer()

Command = Annotated[
    list[str], typer.Argument(help="The program and what it is given: psql, pg_dump, pg_restore …")
]


@cli.command(
    context_settings={"ignore_unknown_options": True},
    epilog="Example: contextql database pg_dump --format custom --file contextql.dump",
)
def database(command: Command) -> None:
    """Run a program of PostgreSQL on the embedded database; its server runs as long, whether it serves or not."""
    settings = read_settings()
    if settings.database_url is not None:
        refuse(
            "CONTEXTQL_DATABASE_URL names another database than the embedded one; run the program "
            'itself, with --dbname "$CONTEXTQL_DATABASE_URL".'
        )
    with reached_database(settings):
        folder = settings.data_dir.expanduser().resolve() / "postgres"
        program = programs(folder) / command[0]
        if not program.is_file():
            refuse(f"there is no program {command[0]!r} of PostgreSQL; there is psql, for one.")
        reach = {"PGHOST": str(folder), "PGUSER": SUPERUSER, "PGDATABASE": DATABASE}
        done = subprocess.run(  # noqa: S603  # whoever runs this may run it without us
            [program, *command[1:]], env={**os.environ, **reach}, check=False
        )
    raise typer.Exit(done.returncode)
