"""What lives as long as the process: the pool, the listening connection, the models, the running responses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from api.generation.running import Running
from api.models import Model
from api.observe import ListenerLost, Observer
from api.settings import Settings
from db.notifications import Notifications, listening
from db.pool import Access, Database, opened


@dataclass(frozen=True, slots=True)
class Server:
    """The owner of everything that has to be closed when the process ends."""

    settings: Settings
    db: Database
    notifications: Notifications
    running: Running
    observe: Observer


def access(settings: Settings, database_url: str) -> Access:
    """How the settings say the database is reached."""
    return Access(
        url=database_url,
        pool_size=settings.pool_size,
        pool_wait=settings.pool_wait,
        statement_timeout=settings.statement_timeout,
        language=settings.language,
    )


@asynccontextmanager
async def started(
    settings: Settings, reached: Access, models: Mapping[str, Model], observe: Observer
) -> AsyncIterator[Server]:
    """A server for the length of the block; running responses end before the pool closes."""

    def lost(reason: str) -> None:
        observe(ListenerLost(reason))

    async with opened(reached) as db, listening(reached.url, lost) as notifications:
        running = Running(db, models, settings.model_timeout, observe)
        try:
            yield Server(settings, db, notifications, running, observe)
        finally:
            await running.stop()
