"""API keys at the door: looked up by their hash, remembered for a few seconds, and their use noted afterwards."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import monotonic
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


class Keys:
    """The keys of the store, as one process knows them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._remembered: dict[bytes, tuple[float, ApiKey]] = {}
        self._looking: dict[bytes, asyncio.Task[ApiKey | None]] = {}
        self._uses: dict[UUID, datetime] = {}

    async def viewer(self, key: str) -> Viewer:
        """Whoever has this key. Raises `Unauthenticated`, and the store's errors."""
        found = await self._found(api_keys.hashed(key))
        now = datetime.now(UTC)
        if found is None:
            raise Unauthenticated(
                "The API key is not known here; make one with: contextql keys create."
            )
        if found.revoked_at is not None:
            raise Unauthenticated("The API key was revoked; send another one.")
        if found.expires_at is not None and found.expires_at <= now:
            raise Unauthenticated("The API key has expired; send another one.")
        self._uses[found.id] = now
        return Viewer(
            role=Role(found.role),
            actor=f"key:{found.prefix}",
            user=found.user_id,
            external_id=found.external_id,
            expires_at=found.expires_at,
        )

    async def note_uses(self) -> None:
        """Write down when each key that was used since the last time was used last."""
        uses, self._uses = self._uses, {}
        if uses:
            await api_keys.note_uses(self._db, uses)

    async def _found(self, hash: bytes) -> ApiKey | None:
        at, known = self._remembered.get(hash, (0.0, None))
        if known is not None and monotonic() < at + REMEMBERED_SECONDS:
            return known
        # Those who come with the same key at once share one look at the store.
        looking = self._looking.get(hash)
        if looking is None:
            looking = self._looking[hash] = asyncio.create_task(self._look(hash))
            looking.add_done_callback(lambda _: self._looking.pop(hash))
        return await asyncio.shield(looking)

    async def _look(self, hash: bytes) -> ApiKey | None:
        # What was true when the look began is remembered from then.
        began = monotonic()
        found = await api_keys.by_hash(self._db, hash)
        self._remembered.pop(hash, None)
        if found is not None:
            self._remembered[hash] = began, found
            if len(self._remembered) > MOST_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
        return found
