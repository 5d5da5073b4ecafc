"""`contextql doctor`: what is amiss, and what to do about it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Annotated

import orjson
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from api.doctor.examine import examined
from api.doctor.finding import Finding, fail
from api.settings import Settings
from db.embedded import NotStarted, embedded

cli = typer.Typer()

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")]

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@cli.command(epilog="Example: contextql doctor --json")
def doctor(as_json: AsJson = False) -> None:
    """Look for what is amiss, and say what to do about it. Nothing is changed; exits with 1 if something fails."""
    found = looked()
    if as_json:
        typer.echo(orjson.dumps({"state": worst(found), "findings": found}))
    else:
        show(found)
    raise typer.Exit(1 if worst(found) == "fail" else 0)


def looked() -> Sequence[Finding]:
    """All findings; settings that are wrong are all there is to find."""
    try:
        settings = Settings()
    except ValidationError as error:
        return [
            fail(
                "settings",
                f"CONTEXTQL_{_named(problem['loc'])}: {problem['msg']}",
                "mend it: README.md",
            )
            for problem in error.errors(include_input=False)
        ]
    with reached(settings) as url:
        return asyncio.run(examined(settings, url))


def _named(place: Sequence[object]) -> str:
    return "_".join(str(part) for part in place).upper()


@contextmanager
def reached(settings: Settings) -> Iterator[str | None]:
    """The URL of the database; None when it is the embedded one, and does not start."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with ExitStack() as stack:
        try:
            url = stack.enter_context(embedded(settings.data_dir)).url
        except NotStarted:
            url = None
        yield url


def worst(found: Sequence[Finding]) -> str:
    states = {one.state for one in found}
    return next(state for state in ("fail", "warn", "ok") if state in states)


def show(found: Sequence[Finding]) -> None:
    """A table in a terminal, a line for each finding elsewhere."""
    console = Console()
    if not console.is_terminal:
        for one in found:
            remedy = f" -> {one.remedy}" if one.remedy else ""
            typer.echo(f"{one.state:<4}  {one.name}: {one.detail}{remedy}")
        return
    console.print(table(found))


def table(found: Sequence[Finding]) -> Table:
    made = Table(
        Column("", no_wrap=True),
        Column("what"),
        "how it is",
        "what to do",
        box=None,
        pad_edge=False,
    )
    for one in found:
        colour = COLOURS[one.state]
        made.add_row(
            f"[{colour}]{one.state}[/{colour}]",
            escape(one.name),
            escape(one.detail),
            escape(one.remedy),
        )
    return made
