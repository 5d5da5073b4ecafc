"""Forgetting the keys of writes that nobody will repeat any more."""

from __future__ import annotations

from db.idempotency import sweep
from db.pool import Database

STEP = 1_000
"""Keys that go at once."""


async def forget_keys(db: Database, keep: float) -> None:
    """Forget those that are older than `keep` seconds, step by step; several processes may do so at once."""
    while await sweep(db, keep, STEP) == STEP:
        pass
