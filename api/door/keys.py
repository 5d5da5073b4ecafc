"""API keys at the door: looked up by their hash, remembered for a few seconds, and their use noted afterwards."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from time import monotonic, time
from uuid import UUID

from api.errors import Unauthenticated
from api.viewer import Role, Viewer
from db import api_keys
from db.pool import Database
from db.records import ApiKey

REMEMBERED_SECONDS = 5.0
"""How long a key that was revoked may still be let in."""

MOST_REMEMBERED = 10_000
"""So many keys are remembered at once; those looked up longest ago make room."""


@dataclass(frozen=True, slots=True)
class Known:
    """A key of the store, and whom it stands for. It is looked up again when the monotonic clock is at `stale_at`.

    `ends` is when it ceases to be good, in Unix time; 0 if it was revoked.
    """

    key: ApiKey
    viewer: Viewer
    stale_at: float
    ends: float

    def fault(self) -> str | None:
        """Why it is not to be let in, if it is not."""
        key = self.key
        if key.revoked_at is not None:
            return "was revoked"
        if key.expires_at is not None and key.expires_at <= datetime.now(UTC):
            return "has expired"
        return None


class Keys:
    """The keys of the store, as one process knows them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._remembered: dict[bytes, Known] = {}
        self._looking: dict[bytes, asyncio.Task[Known | None]] = {}
        self._uses: dict[UUID, float] = {}

    async def viewer(self, key: str) -> Viewer:
        """Whoever has this key. Raises `Unauthenticated`, and the store's errors."""
        hash = api_keys.hashed(key)
        found = self._remembered.get(hash)
        if found is None or monotonic() >= found.stale_at:
            found = await self._looked_up(hash)
        if found is None:
            raise Unauthenticated(
                "The API key is not known here; make one with: contextql keys create."
            )
        if (why := found.fault()) is not None:
            raise Unauthenticated(f"The API key {why}; send another one.")
        self._uses[found.key.id] = time()
        return found.viewer

    def known(self, key: bytes) -> Viewer | None:
        """Whoever has this key, if it was looked up a moment ago and is good."""
        found, now = self._remembered.get(api_keys.hashed(key)), time()
        if found is None or now >= found.ends or monotonic() >= found.stale_at:
            return None
        self._uses[found.key.id] = now
        return found.viewer

    async def note_uses(self) -> None:
        """Write down when each key that was used since the last time was used last."""
        uses, self._uses = self._uses, {}
        if uses:
            moments = {id: datetime.fromtimestamp(when, UTC) for id, when in uses.items()}
            await api_keys.note_uses(self._db, moments)

    async def _looked_up(self, hash: bytes) -> Known | None:
        # Those who come with the same key at once share one look at the store.
        looking = self._looking.get(hash)
        if looking is None:
            looking = self._looking[hash] = asyncio.create_task(self._look(hash))
            looking.add_done_callback(lambda _: self._looking.pop(hash))
        return await asyncio.shield(looking)

    async def _look(self, hash: bytes) -> Known | None:
        # What was true when the look began is remembered from then.
        stale_at = monotonic() + REMEMBERED_SECONDS
        found = await api_keys.by_hash(self._db, hash)
        self._remembered.pop(hash, None)
        if found is None:
            return None
        known = self._remembered[hash] = Known(found, _viewer(found), stale_at, _ends(found))
        if len(self._remembered) > MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return known


def _ends(key: ApiKey) -> float:
    if key.revoked_at is not None:
        return 0.0
    return key.expires_at.timestamp() if key.expires_at is not None else inf


def _viewer(key: ApiKey) -> Viewer:
    return Viewer(
        role=Role(key.role),
        actor=f"key:{key.prefix}",
        user=key.user_id,
        external_id=key.external_id,
        expires_at=key.expires_at,
    )
