"""`contextql keys`: the API keys of a deployment, made, listed and revoked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from api.console import errors, read_settings, ready_database, refuse
from api.server import access
from api.viewer import LOCAL, Role
from db import api_keys, users
from db.api_keys import Grant
from db.pool import Database, opened
from db.records import ApiKey

cli = typer.Typer(
    help="Make, list and revoke API keys.", no_args_is_help=True, pretty_exceptions_enable=False
)

Answer = TypeVar("Answer")

Name = Annotated[str, typer.Option(help="What the key is for, as lists show it.")]
Whose = Annotated[
    Role, typer.Option(case_sensitive=False, help="service: every user; user: one user.")
]
Of = Annotated[str | None, typer.Option(help="The external id of the user; for --role user.")]
Until = Annotated[
    str | None,
    typer.Option(help="When it expires: 90d, 12h, or a date such as 2027-01-31 (UTC)."),
]
Prefix = Annotated[str, typer.Argument(help="What `contextql keys list` shows, cql_…")]

UNITS = {"d": "days", "h": "hours", "m": "minutes"}


@cli.command(epilog="Example: contextql keys create --name backend --role service --expires 90d")
def create(name: Name, role: Whose, user: Of = None, expires: Until = None) -> None:
    """Make a key. It is shown once, on standard output, and kept nowhere."""
    if not 1 <= len(name) <= 200:
        refuse("--name: 1 to 200 characters.")
    if (role is Role.USER) != (user is not None):
        refuse("--user goes with --role user, and --role user needs it.")
    if user is not None and (fault := users.fault_in(user)):
        refuse(f"--user: {fault}.")
    until = moment(expires, datetime.now(UTC)) if expires else None
    key = api_keys.new_key()
    in_store(lambda db: _register(db, key, Grant(name, role, expires_at=until), user))
    typer.echo(key)
    errors.print("This is the key; it is not shown again. Send it as: Authorization: Bearer <key>")


async def _register(db: Database, key: str, grant: Grant, external_id: str | None) -> None:
    owner = (await users.upsert(db, external_id)).id if external_id is not None else None
    await api_keys.register(db, key, Grant(grant.name, grant.role, owner, grant.expires_at))


@cli.command("list", epilog="Example: contextql keys list")
def list_() -> None:
    """Show all keys: those in use, and those that have expired or were revoked."""
    Console().print(listed(in_store(api_keys.listed), datetime.now(UTC)))


@cli.command(epilog="Example: contextql keys revoke cql_4f9a2c81d0")
def revoke(prefix: Prefix) -> None:
    """Let a key in no more. Servers that run notice within seconds."""

    async def act(db: Database) -> tuple[bool, ApiKey | None]:
        called = api_keys.prefix_of(prefix)
        return await api_keys.revoke(db, called), await api_keys.by_prefix(db, called)

    was_let_in, key = in_store(act)
    if key is None:
        refuse("there is no such key; see: contextql keys list")
    typer.echo(f"{key.prefix} is revoked." if was_let_in else f"{key.prefix} was revoked already.")


def in_store(act: Callable[[Database], Awaitable[Answer]]) -> Answer:
    """Do it on the database of the settings."""
    settings = read_settings()

    async def acted(database_url: str) -> Answer:
        async with opened(access(settings, database_url)) as db:
            return await act(db.within(LOCAL.scope))

    with ready_database(settings) as database_url:
        return asyncio.run(acted(database_url))


def moment(text: str, now: datetime) -> datetime:
    """When that is: so long after now, or a date. What is no such thing, or past, ends the program."""
    try:
        if span := re.fullmatch(r"(\d{1,6})([dhm])", text):
            until = now + timedelta(**{UNITS[span[2]]: int(span[1])})
        else:
            given = datetime.fromisoformat(text)
            until = given if given.tzinfo else given.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        refuse(f"--expires: {text!r} is neither 90d, 12h or 30m nor a date such as 2027-01-31.")
    if until <= now:
        refuse(f"--expires: {text} is past.")
    return until


def listed(keys: Sequence[ApiKey], now: datetime) -> Table:
    """The keys as a table, in which a prefix is whole: it is what a key is revoked by."""
    table = Table(
        Column("prefix", no_wrap=True),
        "name",
        Column("role", no_wrap=True),
        "user",
        *("created", "expires", "last used"),
        Column("state", no_wrap=True),
        box=None,
        pad_edge=False,
    )
    for key in keys:
        table.add_row(
            key.prefix,
            escape(key.name),
            key.role.lower(),
            escape(key.external_id or ""),
            *(_shown(at) for at in (key.created_at, key.expires_at, key.last_used_at)),
            _state(key, now),
        )
    return table


def _shown(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if at else "never"


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at:
        return "revoked"
    return "expired" if key.expires_at and key.expires_at <= now else "active"
