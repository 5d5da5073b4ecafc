"""A user on the way out: one moment of all that is kept, written line by line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import IO
from uuid import UUID

from api.carry.lines import VERSION, Header
from api.carry.sealed import Sealing
from db import audit_trail, export, users
from db.errors import Missing
from db.pool import Database, Session
from db.scope import Scope

ACTOR = "export"


@dataclass(frozen=True, slots=True)
class Export:
    """What there is to write, as long as its moment is held."""

    session: Session
    user_id: UUID
    header: Header

    async def write(self, out: IO[bytes], tell: Callable[[int], None], *, embedded: bool) -> None:
        """All of it, with the embeddings or without; `tell` hears of each row."""
        sealing = Sealing(out, self.header)
        lines = export.lines(self.session, self.user_id, embedded=embedded)
        async with aclosing(lines):
            async for kind, line in lines:
                sealing.add(kind, line)
                tell(1)
        sealing.end()


@asynccontextmanager
async def exporting(db: Database, external_id: str) -> AsyncIterator[Export]:
    """The user at this moment, recorded in the audit trail before anything leaves. Raises `Missing`."""
    reached = db.within(Scope(actor=ACTOR))
    user_id = users.id_of(db, external_id)
    async with reached.snapshot() as session:
        standing = await export.standing(session, user_id)
        if standing is None:
            raise Missing("user")
        async with reached.transaction() as other:
            rows = sum(standing.counts.values())
            await audit_trail.append(other, "exported", "user", user_id, rows)
        header = Header(
            kind="header",
            format="contextql-export",
            version=VERSION,
            exported_at=standing.exported_at,
            language=db.language,
            counts=standing.counts,
        )
        yield Export(session, user_id, header)
