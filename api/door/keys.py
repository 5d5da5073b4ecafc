"""API keys at the door: looked up by their hash, remembered for a few seconds, and their use noted afterwards."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Known:
    """A key of the store, and whom it stands for."""

    key: ApiKey
    viewer: Viewer


class Keys:
    """The keys of the store, as one process knows them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._remembered: dict[bytes, tuple[float, Known]] = {}
        self._looking: dict[bytes, asyncio.Task[Known | None]] = {}
        self._uses: dict[UUID, datetime] = {}

    async def viewer(self, key: str) -> Viewer:
        """Whoever has this key. Raises `Unauthenticated`, and the store's errors."""
        return self.known(key) or self._good(await self._looked_up(api_keys.hashed(key)))

    def known(self, key: str) -> Viewer | None:
        """Whoever has this key, if it was looked up a moment ago. Raises `Unauthenticated`."""
        found = self._remembered.get(api_keys.hashed(key))
        if found is None or monotonic() >= found[0] + REMEMBERED_SECONDS:
            return None
        return self._good(found[1])

    def _good(self, known: Known | None) -> Viewer:
        """Whom the key stands for that was found. Raises `Unauthenticated`."""
        now = datetime.now(UTC)
        if known is None:
            raise Unauthenticated(
                "The API key is not known here; make one with: contextql keys create."
            )
        found = known.key
        if found.revoked_at is not None:
            raise Unauthenticated("The API key was revoked; send another one.")
        if found.expires_at is not None and found.expires_at <= now:
            raise Unauthenticated("The API key has expired; send another one.")
        self._uses[found.id] = now
        return known.viewer

    async def note_uses(self) -> None:
        """Write down when each key that was used since the last time was used last."""
        uses, self._uses = self._uses, {}
        if uses:
            await api_keys.note_uses(self._db, uses)

    async def _looked_up(self, hash: bytes) -> Known | None:
        # Those who come with the same key at once share one look at the store.
        looking = self._looking.get(hash)
        if looking is None:
            looking = self._looking[hash] = asyncio.create_task(self._look(hash))
            looking.add_done_callback(lambda _: self._looking.pop(hash))
        return await asyncio.shield(looking)

    async def _look(self, hash: bytes) -> Known | None:
        # What was true when the look began is remembered from then.
        began = monotonic()
        found = await api_keys.by_hash(self._db, hash)
        self._remembered.pop(hash, None)
        if found is None:
            return None
        known = Known(found, _viewer(found))
        self._remembered[hash] = began, known
        if len(self._remembered) > MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]
        return known


def _viewer(key: ApiKey) -> Viewer:
    return Viewer(
        role=Role(key.role),
        actor=f"key:{key.prefix}",
        user=key.user_id,
        external_id=key.external_id,
        expires_at=key.expires_at,
    )
