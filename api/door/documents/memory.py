"""A memory of documents, bounded by what they weigh."""

from __future__ import annotations

from api.door.documents.known import Known
from api.door.memory import Memory

# Measured: 128 documents of 12 KiB hold 154 MB once parsed, a hundred bytes for each byte of text.
WEIGHT_OF_A_BYTE = 100


class DocumentMemory:
    """The most recently used documents, by their text; together they weigh at most `capacity` bytes."""

    def __init__(self, capacity: int) -> None:
        self._kept: Memory[str, Known] = Memory(capacity)
        self.find = self._kept.find

    def keep(self, source: str, known: Known) -> None:
        self._kept.keep(source, known, WEIGHT_OF_A_BYTE * len(source.encode()))
