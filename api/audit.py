"""`contextql audit`: who has done what, a line of JSON for each entry, the newest first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import orjson
import typer

from api.console import read_settings, ready_database, refuse
from api.server import access
from api.viewer import LOCAL
from db import audit_trail, users
from db.pool import opened
from db.records import AuditEntry

cli = typer.Typer()

User = Annotated[
    str | None, typer.Option(help="The external id of the user whose data it is about.")
]
Since = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"],
        help="A date, or a time such as 2026-11-23T10:00:00 (UTC).",
    ),
]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many entries.")]


@cli.command(epilog="Example: contextql audit --user ada --since 2026-11-01")
def audit(user: User = None, since: Since = None, limit: Limit = 100) -> None:
    """Show who has done what: newest first, a line of JSON each. It never says what anything held."""
    if user is not None and (fault := users.fault_in(user)):
        refuse(f"--user: {fault}.")
    moment = since.replace(tzinfo=UTC) if since else None
    settings = read_settings()
    with ready_database(settings) as database_url:

        async def read() -> Sequence[AuditEntry]:
            async with opened(access(settings, database_url)) as everything:
                db = everything.within(LOCAL.scope)
                owner = users.id_of(db, user) if user is not None else None
                return await audit_trail.newest(db, owner, moment, limit)

        for entry in asyncio.run(read()):
            typer.echo(line(entry))


def line(entry: AuditEntry) -> str:
    """The entry as a line of JSON."""
    return orjson.dumps(entry, default=str).decode()
