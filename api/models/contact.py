"""Whether a provider can be reached and takes the key: asked in the cheapest way it has, and never for an answer."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from api.models.hosted import Hosted
    from api.models.hosted_embedder import HostedEmbedder

SECONDS = 5.0
"""How long a provider may take."""

LISTING = frozenset({"openai", "openai-chat", "openai-responses", "ollama", "anthropic"})
"""Those whose library lists the models that a key may ask."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What was tried, and what came of it. Nothing of what the provider said: it may hold the key."""

    is_made: bool
    told: str
    is_doubtful: bool = False
    """It is there, but does not know the model."""


async def contact(model: Hosted | HostedEmbedder) -> Contact:
    """Try to reach the provider of the model."""
    provider, _, name = model.name.partition(":")
    if provider in LISTING:
        async with model:
            return await _listed(model.client, name)
    return await _connected(model.address)


async def _listed(client: Any, name: str) -> Contact:
    try:
        async with asyncio.timeout(SECONDS):
            page = await client.with_options(timeout=SECONDS, max_retries=0).models.list()
    except TimeoutError:
        return Contact(is_made=False, told=f"it listed no models within {SECONDS:g} seconds")
    except Exception as error:  # noqa: BLE001  # each provider's library has errors of its own
        return _failed(error)
    if name in {one.id for one in page.data} | {
        one.id.removesuffix(":latest") for one in page.data
    }:
        return Contact(is_made=True, told="it takes the key and lists the model")
    return Contact(
        is_made=True, told="it takes the key, but does not list the model", is_doubtful=True
    )


def _failed(error: Exception) -> Contact:
    match getattr(error, "status_code", None):
        case 401 | 403 as status:
            return Contact(is_made=False, told=f"it refuses the key ({status})")
        case 404 | 405:
            return Contact(is_made=True, told="it is there, and has no list of models to look in")
        case None:
            return Contact(is_made=False, told=f"no connection ({type(error).__name__})")
        case status:
            return Contact(is_made=False, told=f"it answers with status {status}")


async def _connected(address: str | None) -> Contact:
    """Only a connection, over TLS where the address says so: the key is not tried."""
    parts = urlsplit(address or "")
    if not parts.hostname:
        return Contact(
            is_made=True,
            told="its library has no address to try; it was not asked",
            is_doubtful=True,
        )
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    port = parts.port or (443 if secure else 80)
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure)
    except (OSError, TimeoutError) as error:
        return Contact(is_made=False, told=f"no connection ({type(error).__name__})")
    writer.close()
    return Contact(is_made=True, told="a connection was made; the key was not tried")
