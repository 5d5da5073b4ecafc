"""Embedding what is stored, soon after it was stored, by whichever process is free to."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from api import context_types
from api.calls import embedding
from api.errors import ModelTimeout, ModelUnavailable
from api.models.embedder import Embedder, TextRefused
from api.observe import EmbeddingBacklog, EmbeddingStalled, Observer
from db import contexts, embeddings
from db.contexts import Owned
from db.embeddings import Claim, Pause
from db.pool import Database
from db.records import Context

BATCH = 64
"""Texts that a provider is sent at once."""

WALK = 2_000
"""Contexts from before a model that are queued at once."""

LEASE_SECONDS = 120.0
"""After which what a process has claimed and not done is anybody's."""

RENEW_SECONDS = 3_600.0
"""How often a process says that it wants its model still."""

TELL_SECONDS = 60.0
"""The least time between two observations of a backlog."""

LONGEST_TEXT = 8_000
"""Characters from the beginning of a text that its embedding is made of; most models read no more."""

STALL = Pause(first=1.0, longest=60.0)
"""Of a provider that is away, and of the texts that it was sent last."""

REFUSAL = Pause(first=120.0, longest=3_600.0)
"""Of a text that its provider refuses."""

Vector = list[float]
Made = Vector | TextRefused


@dataclass(slots=True)
class Embedding:
    """One model's work in this process. `keep_seconds` is how long a model is kept that nobody wants."""

    db: Database
    embedder: Embedder
    keep_seconds: float
    observe: Observer
    failures: int = 0
    """In a row. While there are any, the provider is asked for one text at a time, at growing intervals."""
    stalled_until: float = 0.0
    renew_at: float = 0.0
    tell_at: float = 0.0
    told: EmbeddingBacklog | None = None
    has_news: bool = field(default=True)

    async def work(self) -> None:
        """Do all there is to do now."""
        if _now() >= self.renew_at:
            await embeddings.want(self.db, self.embedder.name, self.keep_seconds)
            self.renew_at = _now() + RENEW_SECONDS
        while any(
            [
                await self._walked(),
                await self._embedded(again=False),
                await self._embedded(again=True),
            ]
        ):
            self.has_news = True
        await self._tell()

    async def _walked(self) -> bool:
        return await embeddings.walk(self.db, self.embedder.name, WALK)

    async def _embedded(self, *, again: bool) -> bool:
        """Whether a claim was worked off. What was tried before goes alone: it may be what stalled others."""
        if _now() < self.stalled_until:
            return False
        limit = 1 if again or self.failures else BATCH
        claim = await embeddings.claim(
            self.db, self.embedder.name, limit, LEASE_SECONDS, again=again
        )
        if claim is None:
            return False
        # No connection is held from here on until there are vectors to store.
        texts = await self._texts(claim)
        try:
            made = await self._made(texts)
        except (ModelUnavailable, ModelTimeout) as refusal:
            await embeddings.put_off(self.db, claim, claim.keys, str(refusal), STALL)
            self._stall(str(refusal))
            return False
        await self._store(claim, made)
        self._judge(list(made.values()))
        return True

    async def _texts(self, claim: Claim) -> dict[Owned, str]:
        """What there is to embed; not what was deleted or has expired meanwhile, nor what says nothing."""
        there = await contexts.get_many(self.db, claim.keys)
        texts = {key: text_of(context) for key, context in there.items() if context.is_active}
        return {key: text for key, text in texts.items() if key in set(claim.keys) and text}

    async def _made(self, texts: dict[Owned, str]) -> dict[Owned, Made]:
        if not texts:
            return {}
        with embedding(self.observe, self.embedder.name, "documents", len(texts)):
            made = await vectors(self.embedder, list(texts.values()))
        for size in {len(vector) for vector in made if not isinstance(vector, TextRefused)}:
            await self._check(size)
        return dict(zip(texts, made, strict=True))

    async def _check(self, size: int) -> None:
        agreed = await embeddings.agreed_dimensions(self.db, self.embedder.name, size)
        if size != agreed:
            raise ModelUnavailable(
                f"The embedding model {self.embedder.name} gives {size} numbers where {agreed} are stored; "
                "a model with other embeddings needs another name."
            )

    async def _store(self, claim: Claim, made: dict[Owned, Made]) -> None:
        kept: dict[Owned, Vector | None] = dict.fromkeys(claim.keys)
        for key, vector in made.items():
            if isinstance(vector, TextRefused):
                del kept[key]
                await embeddings.put_off(self.db, claim, [key], str(vector), REFUSAL)
            else:
                kept[key] = vector
        await embeddings.keep(self.db, claim, kept)

    def _judge(self, made: list[Made]) -> None:
        """When not one of several texts will do, it is hardly the texts."""
        refusals = [one for one in made if isinstance(one, TextRefused)]
        if len(refusals) < len(made):
            self.failures = 0
        elif len(made) > 1 or (made and self.failures):
            self._stall(str(refusals[0]))

    def _stall(self, why: str) -> None:
        if not self.failures:
            self.observe(EmbeddingStalled(self.embedder.name, why))
        self.failures += 1
        self.stalled_until = _now() + STALL.after(self.failures)
        self.has_news = True

    async def _tell(self) -> None:
        """Observe the backlog if it is another than before, and not each second."""
        if not self.has_news or _now() < self.tell_at:
            return
        self.has_news, self.tell_at = False, _now() + TELL_SECONDS
        for one in await embeddings.waiting(self.db):
            backlog = EmbeddingBacklog(one.model, one.missing, one.failing)
            if one.model == self.embedder.name and backlog != self.told:
                self.told = backlog
                self.observe(backlog)


async def vectors(embedder: Embedder, texts: Sequence[str]) -> list[Made]:
    """Of each text its vector, of length one, or why there is none; halves are tried until what is refused is alone."""
    try:
        return [unit(vector, embedder.name) for vector in await embedder.documents(texts)]
    except TextRefused as refused:
        if len(texts) == 1:
            return [refused]
    half = len(texts) // 2
    return [*await vectors(embedder, texts[:half]), *await vectors(embedder, texts[half:])]


def unit(vector: Vector, name: str) -> Made:
    """The vector at length one, which is what `halfvec` keeps best; cosine similarity does not care."""
    length = math.sqrt(math.fsum(number * number for number in vector))
    if not math.isfinite(length) or not length:
        return TextRefused(f"The embedding model {name} gave a vector without a direction.")
    return [number / length for number in vector]


def text_of(context: Context) -> str:
    """What is embedded: the beginning of what a model reads."""
    return context_types.rendered(context.context_type, context.content)[:LONGEST_TEXT].strip()


def _now() -> float:
    return asyncio.get_running_loop().time()
