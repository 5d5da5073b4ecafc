"""A searcher as the server would have it, for benchmarks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from api.allowed import tuning
from api.app import reached_embedders
from api.grounding import Mode, Searcher
from api.models.hosted_embedder import HostedEmbedder
from api.observe import EmbeddingStalled, Fact, MeaningLost
from api.server import access, meaning
from api.settings import Settings
from api.upkeep.embed import Embedding
from db import embeddings
from db.pool import Database, opened


@dataclass(frozen=True, slots=True)
class Searching:
    """A store, and what searches it."""

    db: Database
    searcher: Searcher
    embedding: Embedding | None = None

    async def ready(self) -> Sequence[Mode]:
        """How it can search, once everything is embedded that is to be."""
        if self.embedding is None:
            return (Mode.KEYWORD,)
        await self.embedding.work()
        while any(one.missing or not one.is_walked for one in await embeddings.waiting(self.db)):
            await asyncio.sleep(0.1)
            await self.embedding.work()
        return (Mode.KEYWORD, Mode.SEMANTIC, Mode.HYBRID)


def _complaining(fact: Fact) -> None:
    """A benchmark does not wait for a provider to come back."""
    if isinstance(fact, EmbeddingStalled | MeaningLost):
        raise SystemExit(fact.reason)


@asynccontextmanager
async def searching(database_url: str) -> AsyncIterator[Searching]:
    """By the settings of the environment."""
    settings = Settings()
    embedder = reached_embedders(settings).serving
    async with opened(access(settings, database_url)) as db:
        arm = meaning(embedder, _complaining)
        searcher = Searcher(db, tuning(settings), arm)
        if not isinstance(embedder, HostedEmbedder):
            yield Searching(db, searcher)
            return
        async with embedder:
            yield Searching(
                db, searcher, Embedding(db, embedder, settings.embedding_keep, _complaining)
            )
