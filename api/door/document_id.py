"""How a request names a document instead of, or beside, sending its text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from api.errors import BadUserInput

_SHA256 = re.compile(r"[0-9a-f]{64}")

LONGEST = 256


def hashed(text: str) -> str:
    """The name that a document has by its text."""
    return of_hash(sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def of_hash(digest: str) -> str:
    return f"sha256:{digest.lower()}"


def is_hash(text: str) -> bool:
    return _SHA256.fullmatch(text.lower()) is not None


def document_id(request: Mapping[str, Any]) -> str | None:
    """The name that is given as `documentId`, or as Apollo's clients do; None without one. Raises `BadUserInput`."""
    given = request.get("documentId")
    if given is not None:
        if isinstance(given, str) and 0 < len(given) <= LONGEST:
            return given
        raise BadUserInput(f"`documentId` must be a string of 1 to {LONGEST} characters.")
    persisted = (request.get("extensions") or {}).get("persistedQuery")
    return None if persisted is None else _of_apollo(persisted)


def _of_apollo(persisted: Any) -> str:
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise BadUserInput("`extensions.persistedQuery` must be an object with version 1.")
    digest = persisted.get("sha256Hash")
    if not isinstance(digest, str) or not is_hash(digest):
        raise BadUserInput(
            "`persistedQuery.sha256Hash` must be a SHA-256 in 64 hexadecimal digits."
        )
    return of_hash(digest)
