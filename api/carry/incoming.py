"""A user on the way in: batch by batch, each in a transaction of its own, so that whoever was stopped goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby

from api.carry.lines import Context, Header, User, Version
from api.carry.sealed import Read, Sealed
from api.errors import ResponseInterrupted
from db import audit_trail, embeddings, intake, users
from db.errors import Contended
from db.export import LINES
from db.intake import Arrival, Tally
from db.pool import Database
from db.response_endings import Ending
from db.scope import Scope

ACTOR = "import"

ATTEMPTS = 5

LEFT = ResponseInterrupted("The answer was not finished when it was exported; ask again.")


async def taken_in(
    db: Database, file: Sealed, external_id: str | None, tell: Callable[[int], None]
) -> dict[str, Tally]:
    """Store what is not there yet, by kind; `tell` hears of each batch.

    The user becomes `external_id` if one is given. Raises `Damaged` and `Unfit`; the batches before stay stored.
    """
    reached = db.within(Scope(actor=ACTOR))
    tallies = dict.fromkeys(LINES, Tally())
    arrival: Arrival | None = None
    agreed: set[str] = set()
    for batch in file.batches():
        arrival = arrival or _arrival(db, file.header, batch[0], external_id)
        await _agree(reached, batch, agreed)
        for kind, tally in (await _stored(reached, arrival, batch)).items():
            tallies[kind] += tally
        tell(len(batch))
    if arrival:
        async with reached.transaction() as session:
            rows = sum(tally.stored for tally in tallies.values())
            await audit_trail.append(session, "imported", "user", arrival.user_id, rows)
    return tallies


async def _agree(db: Database, batch: Sequence[Read], agreed: set[str]) -> None:
    """Embeddings of a model that has made none here decide how many dimensions it has."""
    for read in batch:
        found = read.row.embeddings if isinstance(read.row, Context) else None
        for model in (found or {}).keys() - agreed:
            await embeddings.agreed_dimensions(db, model, len((found or {})[model]))
            agreed.add(model)


async def _stored(db: Database, arrival: Arrival, batch: Sequence[Read]) -> dict[str, Tally]:
    """The batch, all of it or nothing. Where others hold what it needs, it gives way and comes again."""
    for _ in range(ATTEMPTS):
        with suppress(Contended):
            return await _together(db, arrival, batch)
    return await _together(db, arrival, batch)


async def _together(db: Database, arrival: Arrival, batch: Sequence[Read]) -> dict[str, Tally]:
    async with db.transaction() as session:
        return {
            kind: await intake.store(session, arrival, kind, [_row(arrival, one) for one in rows])
            for kind, rows in groupby(batch, key=lambda one: one.row.kind)
        }


def _arrival(db: Database, header: Header, first: Read, external_id: str | None) -> Arrival:
    # The file was checked: its first row is the user.
    assert isinstance(first.row, User)  # noqa: S101
    name = external_id or first.row.external_id
    return Arrival(
        user_id=users.id_of(db, name),
        external_id=name,
        exported_at=header.exported_at,
        interrupted=Ending("FAILED", LEFT.code, str(LEFT)),
        language=None if header.language == db.language else db.language,
    )


def _row(arrival: Arrival, read: Read) -> intake.Row:
    row = read.row
    text = None
    if arrival.language is not None and isinstance(row, Context | Version):
        text = row.text
    has_embeddings = isinstance(row, Context) and bool(row.embeddings)
    return intake.Row(read.number, read.raw.decode(), text, has_embeddings)
