"""What the server reaches besides its database: models, Redis, the issuer of tokens, the disk."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
from jwt import PyJWKSet
from jwt.exceptions import PyJWTError

from api.doctor.clock import clock
from api.doctor.finding import Finding, fail, ok, warn
from api.models import MODELS, Patience, Unreachable
from api.models.contact import Contact, contact
from api.models.reached import hosted, hosted_embedder
from api.rates import Unusable, answers
from api.settings import Settings

FETCH_SECONDS = 5.0

GIB = 2**30


async def models(settings: Settings) -> Sequence[Finding]:
    """Each model that the settings name, asked for no answer."""
    named = [settings.model, *settings.models, *settings.fallback_models]
    return await asyncio.gather(*(_model(name) for name in dict.fromkeys(named)))


async def _model(name: str) -> Finding:
    about = f"model {name}"
    if name in MODELS:
        return ok(about, "always there; it needs no network")
    try:
        made = await contact(hosted(name, Patience()))
    except Unreachable as error:
        return fail(about, "it cannot be asked", str(error))
    return _judged(about, made)


async def embedders(settings: Settings) -> Sequence[Finding]:
    """The models that search by meaning asks."""
    named = [settings.embedding_model, settings.next_embedding_model]
    names = [name for name in dict.fromkeys(named) if name]
    if not names:
        return [ok("embedding model", "none; search is by words")]
    return await asyncio.gather(*(_embedder(name) for name in names))


async def _embedder(name: str) -> Finding:
    about = f"embedding model {name}"
    try:
        made = await contact(hosted_embedder(name, FETCH_SECONDS))
    except Unreachable as error:
        return fail(about, "it cannot be asked", str(error))
    return _judged(about, made)


def _judged(about: str, made: Contact) -> Finding:
    if not made.is_made:
        return fail(about, made.told, "check its key, its base URL and the network: docs/models.md")
    if made.is_doubtful:
        return warn(about, made.told, "check its name: docs/models.md")
    return ok(about, made.told)


async def redis(settings: Settings) -> Finding:
    """Where processes count together."""
    if settings.redis_url is None:
        return ok("redis", "none; each process counts rates for itself")
    try:
        is_there = await answers(settings.redis_url.get_secret_value())
    except Unusable as error:
        return fail("redis", "it cannot be used", f"CONTEXTQL_REDIS_URL {error}")
    if is_there:
        return ok("redis", "it answers")
    return fail(
        "redis",
        "it does not answer, or refuses the password; each process counts rates for itself meanwhile",
        "start it, or check CONTEXTQL_REDIS_URL",
    )


async def issuer(settings: Settings) -> Sequence[Finding]:
    """The keys that tokens are checked with, and the clock of who signs them."""
    if settings.jwt_jwks_url is None:
        return [ok("issuer of tokens", "none with keys to fetch")]
    try:
        async with httpx2.AsyncClient(timeout=FETCH_SECONDS) as client:
            answer = await client.get(settings.jwt_jwks_url)
        keys = PyJWKSet.from_dict(answer.raise_for_status().json()).keys
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, PyJWTError, AttributeError) as error:
        return [
            fail(
                "issuer of tokens",
                f"its keys cannot be fetched or read ({type(error).__name__})",
                "check CONTEXTQL_JWT_JWKS_URL and the network",
            )
        ]
    found = [ok("issuer of tokens", f"it publishes {len(keys)} keys")]
    if said := answer.headers.get("date"):
        # A second is as fine as a `Date` is.
        off = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds() + 0.5
        found.append(clock("clock of the issuer", off, max(settings.jwt_leeway, 2.0)))
    return found


async def disk(settings: Settings) -> Finding:
    """Room for the data of the embedded server."""
    if settings.database_url is not None:
        return ok("disk", "the database is elsewhere; look at its own disk")
    folder = settings.data_dir.expanduser().resolve()
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return room(usage.free, usage.total)


def room(free: int, total: int) -> Finding:
    """How full is too full, in bytes."""
    told = f"{free / GIB:.1f} GiB free, {100 * free / total:.0f} %"
    remedy = "make room, or move CONTEXTQL_DATA_DIR while the server is stopped"
    if free < GIB // 4:
        return fail("disk", told, remedy)
    if free < GIB or free < total / 20:
        return warn("disk", told, remedy)
    return ok("disk", told)
