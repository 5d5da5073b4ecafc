"""Forgetting the embeddings of models that no process has wanted for long."""

from __future__ import annotations

from db.forgetting import forget_some
from db.pool import Database

STEP = 2_000
"""Contexts whose embeddings go at once."""


async def forget_models(db: Database) -> None:
    """Forget all of them, step by step; another process, or the next time, goes on where this one ends."""
    while await forget_some(db, STEP):
        pass
