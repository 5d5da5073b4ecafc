"""How long news takes from a connection of the pool, through PostgreSQL, to the listening connection."""

from __future__ import annotations

from time import perf_counter
from uuid import uuid4

from api.observe import NewsHeard, Observer, milliseconds
from db.notifications import send_pulse
from db.pool import Database

PULSE_SECONDS = 15.0


class Pulse:
    """Sends a word and hears it again. Words of other processes are not ours to tell of."""

    def __init__(self, db: Database, observe: Observer) -> None:
        self._db = db
        self._observe = observe
        self._word = ""
        self._began = 0.0

    async def send(self) -> None:
        self._word, self._began = uuid4().hex, perf_counter()
        await send_pulse(self._db, self._word)

    def hear(self, word: str) -> None:
        if word == self._word:
            self._word = ""
            self._observe(NewsHeard(milliseconds(self._began)))
