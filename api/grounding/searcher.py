"""Searching what is known about a user: by words, by meaning, or by both, with what stands beside a find."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from api.errors import BadUserInput
from api.grounding.found import Match
from api.grounding.fuse import REACH, best_first, freshened, fused, lent
from api.grounding.wanted import Mode, Wanted
from api.observe import OURSELVES, By, Observer, during, unseen
from api.observe.stretches import Part
from db import context_moments, contexts, search
from db.pool import Database
from db.records import Context, Hit, Neighbour
from db.search import Bm25

HITS = 100
"""How many finds of each arm are fused; what else shares a word with the message lies far behind them."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """How finds are weighed. `meaning` is what the semantic arm counts beside the keyword arm's 1.

    Without a `half_life` age does not count; `floor` is a part of the best score.
    """

    bm25: Bm25 = field(default_factory=Bm25)
    meaning: float = 0.4
    half_life: timedelta | None = timedelta(days=30)
    floor: float = 0.1


class Meaning(Protocol):
    """The semantic arm."""

    async def nearest(self, db: Database, wanted: Wanted, limit: int) -> Sequence[Hit]:
        """The contexts that mean what is searched for, nearest first."""


@dataclass(frozen=True, slots=True)
class Searcher:
    """The one way of finding contexts, for search and for grounding alike. Without `meaning` by words alone."""

    db: Database
    tuning: Tuning = field(default_factory=Tuning)
    meaning: Meaning | None = None
    observe: Observer = unseen
    by: By = OURSELVES

    def within(self, db: Database, by: By) -> Searcher:
        """The same way of finding, in no more than this reaches, for whoever asks."""
        return replace(self, db=db, by=by)

    def part(self, name: str) -> AbstractContextManager[None]:
        """The block is this part of a retrieval."""
        return during(self.observe, Part(name))

    async def matches(self, wanted: Wanted) -> tuple[Match, ...]:
        """The best `limit` finds, best first, noise too. Raises `BadUserInput` if there is no way to search so."""
        keyword, near = await self._found(wanted)
        scores = fused(keyword, near, self.tuning.meaning)
        if not scores:
            return ()
        with self.part("neighbours"):
            beside = await search.neighbours(
                self.db, wanted.user_id, scores, REACH, wanted.filter, wanted.moment
            )
        created = _times(keyword, near, beside)
        now = wanted.moment or datetime.now(UTC)
        fresh = freshened(lent(scores, beside), created, now, self.tuning.half_life)
        best = best_first(fresh, created, wanted.limit)
        return await self._read(wanted, best, keyword, near)

    async def _found(self, wanted: Wanted) -> tuple[Sequence[Hit], Sequence[Hit]]:
        """What each arm has found."""
        if wanted.mode is Mode.SEMANTIC and self.meaning is None:
            raise BadUserInput(
                "This server has no embedding model, so it cannot search by meaning; "
                "search with mode KEYWORD, or set CONTEXTQL_EMBEDDING_MODEL."
            )
        return await asyncio.gather(self._keyword(wanted), self._semantic(wanted))

    async def _keyword(self, wanted: Wanted) -> Sequence[Hit]:
        if wanted.mode is Mode.SEMANTIC:
            return ()
        with self.part("keyword"):
            return await search.matching(
                self.db,
                wanted.user_id,
                wanted.text,
                self.tuning.bm25,
                HITS,
                wanted.filter,
                wanted.moment,
            )

    async def _semantic(self, wanted: Wanted) -> Sequence[Hit]:
        # What a text meant at a moment past has not been kept.
        if self.meaning is None or wanted.mode is Mode.KEYWORD or wanted.moment is not None:
            return ()
        with self.part("semantic"):
            return await self.meaning.nearest(self.db, wanted, HITS)

    async def _read(
        self,
        wanted: Wanted,
        best: Mapping[UUID, float],
        keyword: Sequence[Hit],
        near: Sequence[Hit],
    ) -> tuple[Match, ...]:
        """The contexts themselves; one that has gone meanwhile is left out."""
        with self.part("read"):
            known = await self._contexts(wanted, list(best))
        words, meanings = _scores(keyword), _scores(near)
        return tuple(
            Match(known[id], score, words.get(id), meanings.get(id), score < self.tuning.floor)
            for id, score in best.items()
            if id in known
        )

    async def _contexts(self, wanted: Wanted, ids: list[UUID]) -> dict[UUID, Context]:
        if not ids:
            return {}
        if wanted.moment is not None:
            return await context_moments.get_many(self.db, wanted.user_id, ids, wanted.moment)
        owned = await contexts.get_many(self.db, [(wanted.user_id, id) for id in ids])
        return {id: context for (_, id), context in owned.items()}


def _scores(hits: Sequence[Hit]) -> dict[UUID, float]:
    return {hit.id: hit.score for hit in hits}


def _times(*found: Sequence[Hit | Neighbour]) -> dict[UUID, datetime]:
    return {one.id: one.created_at for some in found for one in some}
