"""The public keys of whoever issues tokens: fetched, looked up by name, and fetched anew when there is a new name."""

from __future__ import annotations

import asyncio
from time import monotonic

import httpx2
from jwt import PyJWK, PyJWKSet
from jwt.exceptions import PyJWTError

from api.errors import ServiceUnavailable, Unauthenticated
from api.observe import IssuerLost, Observer

ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA"})
"""Each with a public key of its own kind. What is signed with a shared secret is never taken from an issuer."""

FETCH_SECONDS = 5.0
"""How long the issuer may take to answer."""

PAUSE_SECONDS = 5.0
"""The issuer is asked at most once in so long, however many unknown names come in."""


class IssuerKeys:
    """The keys at one URL, in the form of a JWK Set. Those that are known go on while the issuer is away."""

    def __init__(self, url: str, observe: Observer) -> None:
        self._url = url
        self._observe = observe
        self._keys: dict[str | None, PyJWK] = {}
        self._is_away = False
        self._fetching: asyncio.Task[None] | None = None
        self._not_before = 0.0

    async def named(self, kid: str | None) -> PyJWK:
        """The key of that name; without a name, the only one. Raises `Unauthenticated` or `ServiceUnavailable`."""
        key = self._known(kid)
        if key is None and monotonic() >= self._not_before:
            await self.refresh()
            key = self._known(kid)
        if key is not None:
            return key
        if self._is_away:
            raise ServiceUnavailable(
                "The keys of the issuer of tokens cannot be fetched just now; try again shortly."
            )
        raise Unauthenticated(
            "The token is signed with a key that its issuer does not publish; get a new token."
        )

    async def refresh(self) -> None:
        """Fetch the keys. Those who want it meanwhile wait for the same fetch."""
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch())
        await asyncio.shield(self._fetching)

    def _known(self, kid: str | None) -> PyJWK | None:
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid) if kid is not None else None

    async def _fetch(self) -> None:
        try:
            async with (
                asyncio.timeout(FETCH_SECONDS),
                httpx2.AsyncClient(timeout=FETCH_SECONDS) as client,
            ):
                answer = await client.get(self._url)
            self._keys = _usable(answer.raise_for_status().json())
            self._is_away = False
        except (httpx2.HTTPError, TimeoutError, ValueError, PyJWTError) as error:
            if not self._is_away:
                self._observe(IssuerLost(f"{type(error).__name__}: {error}"))
            self._is_away = True
        finally:
            self._fetching = None
            self._not_before = monotonic() + PAUSE_SECONDS


def _usable(published: object) -> dict[str | None, PyJWK]:
    """The keys that may sign tokens, by name. Raises `ValueError` and `PyJWTError`."""
    if not isinstance(published, dict):
        raise ValueError("what is published is no JWK Set")  # noqa: TRY004  # it is a wrong value from outside
    return {
        key.key_id: key
        for key in PyJWKSet.from_dict(published)
        if key.algorithm_name in ALGORITHMS and key.public_key_use in {None, "sig"}
    }
