"""A searcher as the server would have it, for benchmarks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from api.grounding import Mode, Searcher
from api.server import access, tuning
from api.settings import Settings
from db.pool import Database, opened


@dataclass(frozen=True, slots=True)
class Searching:
    """A store, and what searches it."""

    db: Database
    searcher: Searcher

    async def ready(self) -> Sequence[Mode]:
        """How it can search, once everything is embedded that is to be."""
        return (Mode.KEYWORD,)


@asynccontextmanager
async def searching(database_url: str) -> AsyncIterator[Searching]:
    """By the settings of the environment."""
    settings = Settings()
    async with opened(access(settings, database_url)) as db:
        yield Searching(db, Searcher(db, tuning(settings)))
