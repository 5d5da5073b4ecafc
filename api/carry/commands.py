"""`contextql export` and `contextql import`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Annotated

import typer

from api.carry.fields import LONGEST_EXTERNAL_ID
from api.carry.incoming import taken_in
from api.carry.lines import plain
from api.carry.outgoing import exporting
from api.carry.progress import shown
from api.carry.sealed import Damaged, Sealed
from api.console import errors, read_settings, ready_database, refuse
from api.server import access
from db.errors import Missing
from db.intake import Tally, Unfit
from db.pool import Access, opened

cli = typer.Typer()

Whose = Annotated[str, typer.Option("--user", help="The user's external id.")]
Output = Annotated[str, typer.Option(help="The file to write; - is standard output.")]
Embeddings = Annotated[
    bool, typer.Option("--embeddings", help="Write the embeddings too; else they are made anew.")
]
File = Annotated[str, typer.Argument(help="The file to read; - is standard input.")]
As = Annotated[str | None, typer.Option("--as", help="The external id to give the user instead.")]


@cli.command("export", epilog="Example: contextql export --user ada --output ada.ndjson")
def export_one(user: Whose, output: Output = "-", embeddings: Embeddings = False) -> None:
    """Write all that is kept about one user into a file, which holds everything personal: keep it safe."""
    with _ready() as reached, _created(output) as out:
        asyncio.run(_export(reached, user, out, embedded=embeddings))


async def _export(reached: Access, user: str, out: IO[bytes], *, embedded: bool) -> None:
    try:
        async with opened(reached) as db, exporting(db, user) as export:
            counts = export.header.counts
            with shown(f"Exporting {plain(user)}", sum(counts.values())) as tell:
                await export.write(out, tell, embedded=embedded)
    except Missing:
        refuse(f"there is no user {plain(user)!r} to export.")
    _say(f"Exported {plain(user)}: {_listed(counts)}.")


@cli.command("import", epilog="Example: contextql import ada.ndjson")
def import_one(file: File = "-", as_: As = None) -> None:
    """Store the user that such a file holds. Repeating it goes on where it stopped, and overwrites nothing."""
    if as_ is not None and not 1 <= len(as_) <= LONGEST_EXTERNAL_ID:
        refuse(f"--as: an external id has 1 to {LONGEST_EXTERNAL_ID} characters.")
    with _ready() as reached, _read(file) as stream:
        asyncio.run(_import(reached, stream, as_))


async def _import(reached: Access, stream: IO[bytes], external_id: str | None) -> None:
    try:
        sealed = Sealed(stream)
        total = sum(sealed.header.counts.values())
        async with opened(reached) as db:
            with shown("Importing", total) as tell:
                tallies = await taken_in(db, sealed, external_id, tell)
    except (Damaged, Unfit) as error:
        refuse(f"line {error.number}: {plain(str(error))}. What is stored so far stays.")
    for kind, tally in tallies.items():
        _say(f"{kind}: {_told(tally)}")


@contextmanager
def _ready() -> Iterator[Access]:
    """How to reach a database that is ready, with patience: a batch may wait for a lock, a count may be long."""
    settings = read_settings()
    with ready_database(settings) as url:
        yield replace(access(settings, url), pool_size=2, statement_timeout=0.0)


@contextmanager
def _created(output: str) -> Iterator[IO[bytes]]:
    """Standard output, or a file that only its owner may read, and that is there when it is whole."""
    try:
        if output == "-":
            with open(sys.stdout.fileno(), "wb", closefd=False) as out:
                yield out
        else:
            with _replaced(Path(output).resolve()) as out:
                yield out
    except OSError as error:
        refuse(f"{output} cannot be written: {error.strerror or error}.")


@contextmanager
def _replaced(path: Path) -> Iterator[IO[bytes]]:
    if path.exists() and not path.is_file():
        with path.open("wb") as out:
            yield out
        return
    # Made with mode 0600.
    with NamedTemporaryFile(
        dir=path.parent, prefix=f"{path.name}.", suffix=".part", delete=False
    ) as out:
        part = Path(out.name)
        try:
            yield out.file
            out.flush()
            os.fsync(out.fileno())
            part.replace(path)
        except BaseException:
            part.unlink()
            raise


@contextmanager
def _read(file: str) -> Iterator[IO[bytes]]:
    try:
        if file != "-":
            with Path(file).open("rb") as stream:
                yield stream
        elif sys.stdin.isatty():
            refuse("name the file to import, or lead one into standard input.")
        else:
            yield sys.stdin.buffer
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror or error}.")


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} of {kind}" for kind, count in counts.items())


def _told(tally: Tally) -> str:
    told = f"{tally.stored:,} stored, {tally.same:,} there already"
    if tally.kept:
        told += f", {tally.kept:,} kept as they stand here"
    return f"{told}, {tally.embedded:,} embeddings" if tally.embedded else told


def _say(line: str) -> None:
    errors.print(line, markup=False)
