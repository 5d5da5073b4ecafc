"""Documents that a client sends once and then names by their hash: Apollo's automatic persisted queries."""

from __future__ import annotations

from api.door.asked import Asked
from api.door.document_id import hashed
from api.door.documents import Rejected
from api.door.memory import Memory
from api.errors import BadUserInput, PersistedQueryNotFound, PersistedQueryNotSupported

CAPACITY = 8 * 1024 * 1024
"""Bytes of text that are remembered in one process."""


class Persisted:
    """Any text is served. Those that came with their hash are found by it again, the most recently used of them."""

    def __init__(self) -> None:
        self._kept: Memory[str, str] = Memory(CAPACITY)

    def text(self, asked: Asked) -> str:
        if not asked.query:
            found = self._kept.find(asked.document_id or "")
            if found is None:
                raise Rejected.because(PersistedQueryNotFound())
            return found
        if asked.document_id is None:
            return asked.query
        if _is_hashed(asked) and asked.document_id != hashed(asked.query):
            wrong = "The hash is not that of the query; send `sha256:` and the SHA-256 of its text."
            raise Rejected.because(BadUserInput(wrong))
        return asked.query

    def keep(self, asked: Asked) -> None:
        if asked.query and asked.document_id and _is_hashed(asked):
            self._kept.keep(asked.document_id, asked.query, len(asked.query.encode()))


class Unnamed:
    """Any text is served, and none is remembered."""

    def text(self, asked: Asked) -> str:
        if not asked.query:
            raise Rejected.because(PersistedQueryNotSupported())
        return asked.query

    def keep(self, asked: Asked) -> None:
        pass


def _is_hashed(asked: Asked) -> bool:
    return asked.document_id is not None and asked.document_id.startswith("sha256:")
