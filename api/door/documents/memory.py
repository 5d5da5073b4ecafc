"""A memory of documents, bounded by what they weigh."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256

from graphql import DocumentNode

# Measured: 128 documents of 12 KiB hold 154 MB once parsed, a hundred bytes for each byte of text.
WEIGHT_OF_A_BYTE = 100


class DocumentMemory:
    """The most recently used documents, by their text; together they weigh at most `capacity` bytes."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._weight = 0
        self._kept: OrderedDict[bytes, tuple[DocumentNode, int]] = OrderedDict()

    def find(self, source: str) -> DocumentNode | None:
        key = _key(source)
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def keep(self, source: str, document: DocumentNode) -> None:
        weight = WEIGHT_OF_A_BYTE * len(source.encode())
        if weight > self._capacity or _key(source) in self._kept:
            return
        self._kept[_key(source)] = document, weight
        self._weight += weight
        while self._weight > self._capacity:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._weight -= dropped


def _key(source: str) -> bytes:
    return sha256(source.encode()).digest()
