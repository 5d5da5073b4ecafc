"""Who is asking: a credential that is sent with `Bearer`, and the viewer that it stands for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from api.door.keys import Keys
from api.door.tokens import Tokens
from api.errors import ServiceUnavailable, Unauthenticated
from api.viewer import Viewer
from db.api_keys import MARK
from db.errors import StoreError

CHECK_SECONDS = 5.0
"""How often a key whose operations go on is looked at again."""

_BEARER = b"Bearer "
_KEY = _BEARER + MARK.encode()

LONGEST = 8192
"""The longest credential that is looked at, in characters."""


class Credentials:
    """All that this process lets in."""

    def __init__(self, keys: Keys, tokens: Tokens | None) -> None:
        self._keys = keys
        self._tokens = tokens

    async def viewer(self, authorization: str | None) -> Viewer:
        """Whoever sends this `Authorization`.

        Raises `Unauthenticated`; when it cannot be told just now, `ServiceUnavailable` or the store's errors.
        """
        credential = _credential(authorization)
        if credential.startswith(MARK):
            return await self._keys.viewer(credential)
        if self._tokens is not None:
            return await self._tokens.viewer(credential)
        raise Unauthenticated("This server takes API keys; make one with: contextql keys create.")

    def known(self, authorization: bytes | None) -> Viewer | None:
        """The same, of the field as it came, if that can be told at once: of a good key, as nearly all send it."""
        if authorization is None or not authorization.startswith(_KEY):
            return None
        return self._keys.known(authorization[len(_BEARER) :])

    async def ended(self, authorization: str | None, viewer: Viewer) -> None:
        """Return at the moment when what this viewer has sent is worth nothing any more.

        A token is until it expires; a key may be revoked before.
        """
        while (left := _seconds_left(viewer)) > 0:
            await asyncio.sleep(min(left, CHECK_SECONDS))
            if MARK in (authorization or "") and await self._is_refused(authorization):
                return

    async def _is_refused(self, authorization: str | None) -> bool:
        try:
            await self.viewer(authorization)
        except Unauthenticated:
            return True
        except (StoreError, ServiceUnavailable):
            # Who was let in stays while nobody can say otherwise.
            return False
        return False


def _seconds_left(viewer: Viewer) -> float:
    if viewer.expires_at is None:
        return CHECK_SECONDS
    return (viewer.expires_at - datetime.now(UTC)).total_seconds()


def _credential(authorization: str | None) -> str:
    if not authorization:
        raise Unauthenticated(
            "There is no credential; send the header `Authorization: Bearer …` with an API key or a token."
        )
    scheme, _, credential = authorization.partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential:
        raise Unauthenticated(
            "The header must be `Authorization: Bearer …` with an API key or a token."
        )
    if len(credential) > LONGEST:
        raise Unauthenticated(f"A credential has at most {LONGEST} characters; send a shorter one.")
    return credential
