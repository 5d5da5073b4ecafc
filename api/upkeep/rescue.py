"""Ending the responses whose process is gone, so that nobody waits for them for ever."""

from __future__ import annotations

from collections.abc import Callable

from api.errors import ResponseInterrupted
from db import response_endings
from db.pool import Database
from db.records import Response
from db.response_endings import Ending

GONE = ResponseInterrupted("The server that was answering is gone; ask again.")


async def rescue(db: Database, tell: Callable[[Response], None]) -> None:
    """Mark every response whose lease has run out as interrupted; its text so far is kept."""
    ending = Ending("FAILED", GONE.code, str(GONE), from_outside=True)
    while orphan := await response_endings.end_orphan(db, ending):
        tell(orphan)
