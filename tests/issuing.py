"""An issuer of tokens: keys of every kind, tokens signed with them, and a real server that publishes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from time import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.serving import serving_plainly

SECRET = "a secret that only the tests know, and that is long enough"


@dataclass(frozen=True)
class SigningKey:
    """A private key, its name, and the only algorithm it is for."""

    kid: str
    algorithm: str
    private: Any

    def published(self) -> dict[str, Any]:
        """The public key as an issuer shows it."""
        public = self.private.public_key()
        match self.algorithm:
            case "RS256":
                shown = RSAAlgorithm.to_jwk(public, as_dict=True)
            case "ES256":
                shown = ECAlgorithm.to_jwk(public, as_dict=True)
            case _:
                shown = OKPAlgorithm.to_jwk(public, as_dict=True)
        shown.pop("key_ops", None)
        return {**shown, "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def token(self, *, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        return jwt.encode(
            with_end(claims),
            self.private,
            algorithm=self.algorithm,
            headers={"kid": self.kid, **(headers or {})},
        )


@cache
def signing_key(kid: str, algorithm: str = "RS256") -> SigningKey:
    """The key of that name; making one takes a while."""
    makers = {
        "RS256": lambda: generate_rsa(65537, 2048),
        "ES256": lambda: generate_private_key(SECP256R1()),
        "EdDSA": Ed25519PrivateKey.generate,
    }
    return SigningKey(kid, algorithm, makers[algorithm]())


def token(*, secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    """A token that is signed with a secret."""
    return jwt.encode(with_end(claims), secret, algorithm=algorithm)


def with_end(claims: dict[str, Any]) -> dict[str, Any]:
    """The claims without those that are None; they end in a minute unless they say otherwise."""
    given = {"exp": int(time()) + 60, **claims}
    return {name: value for name, value in given.items() if value is not None}


@dataclass
class Issuer:
    """What the server of an issuer does just now: `asked` counts how often it was."""

    keys: list[SigningKey]
    more: list[object] = field(default_factory=list)
    """What it publishes besides."""
    asked: int = 0
    is_up: bool = True
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    def __post_init__(self) -> None:
        self.goes_on.set()

    async def publish(self, _: Request) -> Response:
        self.asked += 1
        await self.goes_on.wait()
        if not self.is_up:
            return Response(status_code=500)
        return JSONResponse({"keys": [key.published() for key in self.keys] + self.more})


@asynccontextmanager
async def issuing(*keys: SigningKey) -> AsyncIterator[Issuer]:
    """An issuer that publishes these keys until it is told otherwise."""
    issuer = Issuer(list(keys))
    app = Starlette(routes=[Route("/jwks.json", issuer.publish)])
    async with serving_plainly(app) as address:
        issuer.url = f"{address}/jwks.json"
        yield issuer
