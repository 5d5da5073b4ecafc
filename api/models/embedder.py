"""Embedding models: what turns a text into a vector, so that texts which mean alike lie near each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from api.errors import ModelUnavailable


class TextRefused(ModelUnavailable):
    """The provider is there, and refuses what it was given."""


class Embedder(Protocol):
    """Something that turns texts into vectors, all of one length."""

    @property
    def name(self) -> str:
        """What settings call it; embeddings are stored under this name."""

    async def query(self, text: str) -> list[float]:
        """The vector of a text that others are searched by. Raises `ModelUnavailable` or `ModelTimeout`."""

    async def documents(self, texts: Sequence[str]) -> list[list[float]]:
        """The vectors of texts that are to be found, in their order.

        Raises `TextRefused` when one of them will not do, otherwise as `query`.
        """


@dataclass(frozen=True, slots=True)
class Embedders:
    """The embedding models of a process: the one that search asks, and the one that is prepared to replace it."""

    serving: Embedder | None = None
    preparing: Embedder | None = None

    def all(self) -> list[Embedder]:
        """Those that contexts are embedded by."""
        there = [one for one in (self.serving, self.preparing) if one is not None]
        return list({one.name: one for one in there}.values())


NONE = Embedders()
"""Search is by keywords alone, and nothing is embedded."""
