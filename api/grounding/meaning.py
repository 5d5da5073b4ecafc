"""Searching by meaning: the message is embedded, and the contexts nearest to it are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from api.calls import embedding
from api.errors import Refusal
from api.grounding.wanted import Mode, Wanted
from api.observe import MeaningLost, Observer, during
from api.observe.stretches import Part
from db import semantic
from db.pool import Database
from db.records import Hit


class Embedder(Protocol):
    """What turns a message into a vector; `api.models.Embedder` is one."""

    @property
    def name(self) -> str: ...

    async def query(self, text: str) -> list[float]: ...


@dataclass(frozen=True, slots=True)
class Embedded:
    """The semantic arm, by one embedding model."""

    embedder: Embedder
    observe: Observer

    async def nearest(self, db: Database, wanted: Wanted, limit: int) -> Sequence[Hit]:
        """The contexts nearest in meaning. Where words can search instead, a model that is away finds nothing."""
        try:
            with (
                during(self.observe, Part("embedding")),
                embedding(self.observe, self.embedder.name, "query", 1),
            ):
                vector = await self.embedder.query(wanted.text)
        except Refusal as refusal:
            if wanted.mode is Mode.SEMANTIC:
                raise
            self.observe(MeaningLost(self.embedder.name, str(refusal)))
            return ()
        return await semantic.nearest(
            db, wanted.user_id, self.embedder.name, vector, limit, wanted.filter
        )
