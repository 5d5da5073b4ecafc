"""Tokens (JWT) at the door: whose signature they bear, what they promise, and whom they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from jwt import PyJWK
from jwt import exceptions as wrong

from api.door.issuer import ALGORITHMS, IssuerKeys
from api.errors import Unauthenticated
from api.viewer import Role, Viewer
from db import users
from db.pool import Database

SHARED = "HS256"
"""The one algorithm that a secret is for."""

WRONG: dict[type[Exception], str] = {
    wrong.ExpiredSignatureError: "The token has expired; get a new one.",
    wrong.ImmatureSignatureError: "The token is not valid yet; see whether the clocks agree.",
    wrong.InvalidIssuerError: "The token is from another issuer (`iss`) than this server takes.",
    wrong.InvalidAudienceError: "The token is for another audience (`aud`) than this server.",
    wrong.InvalidSubjectError: "The token's `sub` must be the external id of a user.",
}
"""What is said of a token that is signed as it must be, and still not taken."""

UNREADABLE = (
    "The credential is no API key, and no token that this server takes: its signature or its form is wrong; "
    "get a new one."
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a token must promise. `leeway` is seconds; `service` is the claim, and its value, that makes a service."""

    issuer: str | None
    audience: str | None
    leeway: float
    service: tuple[str, str] | None


class Tokens:
    """The tokens that this server takes: signed with the secret, or with a key of the issuer."""

    def __init__(
        self, db: Database, terms: Terms, secret: str | None, issuer: IssuerKeys | None
    ) -> None:
        self._db = db
        self._terms = terms
        self._secret = secret
        self._issuer = issuer

    async def viewer(self, token: str) -> Viewer:
        """Whom this token is about. Raises `Unauthenticated`, and `ServiceUnavailable` without the issuer's keys."""
        try:
            key, algorithm = await self._key(jwt.get_unverified_header(token))
            claims = self._promised(token, key, algorithm)
            ends = datetime.fromtimestamp(int(claims["exp"]), UTC)
            expires_at = ends + timedelta(seconds=self._terms.leeway)
        except wrong.MissingRequiredClaimError as error:
            raise Unauthenticated(f"The token has no `{error.claim}`; get one that has.") from error
        except wrong.PyJWTError as error:
            raise Unauthenticated(WRONG.get(type(error), UNREADABLE)) from error
        except (ValueError, OverflowError, OSError) as error:
            raise Unauthenticated(UNREADABLE) from error
        return self._about(claims, expires_at)

    async def _key(self, header: dict[str, Any]) -> tuple[str | PyJWK, str]:
        """What the signature is checked with, and the only algorithm that goes with it: never what the token likes."""
        algorithm = str(header.get("alg"))
        if algorithm == SHARED and self._secret is not None:
            return self._secret, SHARED
        if algorithm in ALGORITHMS and self._issuer is not None:
            key = await self._issuer.named(header.get("kid"))
            return key, key.algorithm_name
        raise Unauthenticated(UNREADABLE)

    def _promised(self, token: str, key: str | PyJWK, algorithm: str) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            issuer=self._terms.issuer,
            audience=self._terms.audience,
            leeway=self._terms.leeway,
            options={"require": ["exp"], "enforce_minimum_key_length": True},
        )

    def _about(self, claims: dict[str, Any], expires_at: datetime) -> Viewer:
        if self._terms.service is not None:
            name, value = self._terms.service
            if _holds(claims.get(name), value):
                return Viewer(Role.SERVICE, "jwt", expires_at=expires_at)
        external_id = claims.get("sub")
        if external_id is None:
            raise Unauthenticated("The token has no `sub`; it must be the external id of a user.")
        if fault := users.fault_in(external_id):
            raise Unauthenticated(f"The token's `sub` is no external id: {fault}.")
        id = users.id_of(self._db, external_id)
        return Viewer(Role.USER, "jwt", id, external_id, expires_at)


def _holds(claim: object, value: str) -> bool:
    """Whether the claim is the value, or has it among others: in a list, or between spaces as in `scope`."""
    match claim:
        case bool():
            return value == str(claim).lower()
        case str():
            return value == claim or value in claim.split()
        case list():
            return value in claim
        case _:
            return False
