"""Erasing a user from the command line: counted first, and only on demand for good."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from db import erasure, users
from db.pool import Database


async def erase_one(db: Database, external_id: str, *, for_good: bool) -> None:
    """Erase the user with this external id, or count what there is; prints the receipt. Raises `Missing`."""
    user_id = users.id_of(db, external_id)
    console = Console(highlight=False)
    if for_good:
        erased = await erasure.erase(db, user_id)
        console.print(_listed(erased.counts))
        console.print(f"Erased for good at {erased.at:%Y-%m-%dT%H:%M:%SZ}.")
    else:
        console.print(_listed(await erasure.counted(db, user_id)))
        console.print("Nothing was erased: this was only counted. With --yes it goes, for good.")


def _listed(counts: Mapping[str, int]) -> Table:
    table = Table("table", box=None)
    table.add_column("rows", justify="right")
    for name, count in counts.items():
        table.add_row(name, f"{count:,}")
    return table
