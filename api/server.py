"""What lives as long as the process: the pool, the listening connection, the running responses, the upkeep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
    suppress,
)
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

from api.activity.counting import Counting
from api.allowed import limits, overlap, quotas, redis_url, terms, tuning
from api.changes.feed import Changes
from api.errors import ServiceUnavailable
from api.generation.ended import ended
from api.generation.feed import Feeds
from api.generation.follow import until_ended
from api.generation.running import Running
from api.grounding import Embedded, Searcher
from api.models import Model, connected
from api.models.embedder import Embedder, Embedders
from api.observe import ListenerLost, Observer, Waited, hears_of, telling_of, to_each, told_of
from api.observe.stretches import Began, Ended, Statement
from api.rates import Rates, counting
from api.recent import Recent
from api.settings import Settings
from api.upkeep.embed import Embedding
from api.upkeep.every import every
from api.upkeep.forget_keys import forget_keys
from api.upkeep.forget_models import forget_models
from api.upkeep.index_large import index_large
from api.upkeep.keep_activity import keeping
from api.upkeep.measure_store import measuring
from api.upkeep.pulse import PULSE_SECONDS, Pulse
from api.upkeep.rescue import rescue
from api.upkeep.summarise import Summarising, summarise
from api.upkeep.sweep import Sweeper
from db.contexts import Owned
from db.notifications import Ears, Listener, listening
from db.pool import Access, Database, nothing, opened
from db.records import Response

BEAT = 0.2
"""Leases are renewed, and those that ran out are looked for, after each such part of it."""

EMBED_SECONDS = 1.0
"""How long a context may wait until somebody looks whether there is one to embed."""

TIDY_SECONDS = 600.0
"""How often what nobody waits for is looked after: forgotten models, indexes of large users, old keys."""

LOOK_SECONDS = 1.0
"""How long a change to a context may wait until whoever follows is told."""

SWEEP_SECONDS = 60.0
"""How often what has expired is looked after. Nobody waits for it: what has expired is absent at once."""

SUMMARY_SECONDS = 10.0
"""How long a conversation that has grown may wait until somebody looks at it."""

FAREWELL_SECONDS = 1.0
"""How long those who follow here are given to hear the end of what was interrupted."""


@dataclass(frozen=True, slots=True)
class Server:
    """The owner of everything that has to be closed when the process ends."""

    settings: Settings
    db: Database
    models: Mapping[str, Model]
    feeds: Feeds
    changes: Changes
    listener: Listener
    searcher: Searcher
    running: Running
    rates: Rates
    embedder: Embedder | None
    """Who embeds the messages that search is by; None when it is by keywords alone."""
    observe: Observer
    retrievals: Recent
    """How long it has taken lately to find what is known about users."""
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when whoever still follows has to go elsewhere."""

    async def finished(self, db: Database, response: Response) -> Response:
        """The response in its last state, wherever it is generated. Whoever stops waiting does not stop the work.

        `db` is the store as far as it reaches for whoever waits.
        """
        owned = response.user_id, response.id
        found = response if response.completed_at else await self.running.finished(db, owned)
        if not found.completed_at:
            # Another process generates it.
            await self._until_ended(db, owned)
            found = await self.running.finished(db, owned)
        if not found.completed_at:
            raise ServiceUnavailable(
                "This server is stopping; ask again with the same idempotency key, and another one answers."
            )
        return found

    async def _until_ended(self, db: Database, owned: Owned) -> None:
        """Wait for the end of a response, and no longer than this server is here."""
        patience = self.settings.database_patience
        ends = (
            asyncio.create_task(until_ended(db, self.feeds, owned, patience)),
            asyncio.create_task(self.leaving.wait()),
        )
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
            await asyncio.gather(*ends, return_exceptions=True)

    async def drain(self, grace: float) -> None:
        """Take no more responses, let those that run finish within `grace` seconds, interrupt the others."""
        await self.running.drain(grace)
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_SECONDS):
                await self.feeds.quiet()
        self.leaving.set()


def access(settings: Settings, database_url: str) -> Access:
    """How the settings say the database is reached."""
    return Access(
        url=database_url,
        pool_size=settings.pool_size,
        pool_wait=settings.pool_wait,
        statement_timeout=settings.statement_timeout,
        language=settings.language,
    )


def watched(reached: Access, observe: Observer) -> Access:
    """The same way to the database, with each statement and each wait on it observed, where somebody hears of it."""
    tell_ended = telling_of(observe, Ended)

    def sent(sql: str) -> None:
        observe(_began(sql))

    def answered(sql: str, seconds: float) -> None:
        tell_ended(Ended(_began(sql).stretch, seconds * 1000, None))

    def waited(seconds: float) -> None:
        observe(Waited(seconds * 1000))

    heard = replace(reached, on_wait=_then(reached.on_wait, waited))
    if hears_of(observe, Statement):
        heard = replace(heard, on_answer=_then(reached.on_answer, answered))
        if told_of(observe, Began):
            heard = replace(heard, on_statement=_then(reached.on_statement, sent))
    return heard


def _then(first: Callable[..., None], second: Callable[..., None]) -> Callable[..., None]:
    """Both of them; the second alone, where the first does nothing."""
    if first is nothing:
        return second

    def both(*args: object) -> None:
        first(*args)
        second(*args)

    return both


@lru_cache(maxsize=1024)
def _began(sql: str) -> Began:
    """The same fact for the same statement."""
    return Began(Statement(sql))


def meaning(embedder: Embedder | None, observe: Observer) -> Embedded | None:
    """The semantic arm of search, if there is a model for it."""
    return Embedded(embedder, observe) if embedder else None


@asynccontextmanager
async def started(
    settings: Settings,
    reached: Access,
    models: Mapping[str, Model],
    embedders: Embedders,
    observe: Observer,
    activity: Counting | None = None,
) -> AsyncIterator[Server]:
    """A server for the length of the block; running responses end before the pool closes.

    What `activity` has counted, who hears of each fact as `observe` does, is kept in the store.
    """
    async with opened(watched(reached, observe)) as db:
        feeds = Feeds(db)
        changes = Changes(db, overlap(settings), settings.database_patience)
        retrievals = Recent(seconds=600, most=10_000)
        told = to_each(observe, retrievals.hear)
        searcher = Searcher(db, tuning(settings), meaning(embedders.serving, observe), told)
        running = Running(searcher, models, limits(settings), observe)
        pulse = Pulse(db, observe)
        ears = Ears(
            news=feeds.hear,
            stop=running.stop,
            lost=lambda reason: observe(ListenerLost(reason)),
            back=feeds.hear_all,
            pulse=pulse.hear,
        )
        async with (
            keeping(db, activity, observe) if activity else nullcontext(),
            connected(models),
            counting(redis_url(settings), observe) as counters,
            listening(reached.url, ears) as listener,
            every(PULSE_SECONDS, pulse.send, "pulse", observe),
            every(LOOK_SECONDS, changes.look, "changes", observe),
            minding(settings, db, running, observe),
            forgetting(settings, db, observe),
            embedding(settings, db, embedders, observe),
            summarising(settings, db, models, observe),
            measuring(db, observe),
        ):
            try:
                yield Server(
                    settings,
                    db,
                    models,
                    feeds,
                    changes,
                    listener,
                    searcher,
                    running,
                    Rates(quotas(settings), counters, observe=observe),
                    embedders.serving,
                    observe,
                    retrievals,
                )
            finally:
                await running.interrupt()


@asynccontextmanager
async def minding(
    settings: Settings, db: Database, running: Running, observe: Observer
) -> AsyncIterator[None]:
    """Within the block, what runs here is known to be looked after, and what nobody looks after is ended."""
    beat = BEAT * settings.orphan_timeout
    rescuing = partial(rescue, db, lambda one: observe(ended(one)))
    async with (
        every(beat, running.renew, "renew", observe),
        every(beat, rescuing, "rescue", observe),
    ):
        yield


@asynccontextmanager
async def forgetting(settings: Settings, db: Database, observe: Observer) -> AsyncIterator[None]:
    """Within the block, what has had its time is forgotten."""
    old_keys = partial(forget_keys, db, settings.idempotency_keep)
    sweeper = Sweeper(db, terms(settings), observe)
    async with (
        every(TIDY_SECONDS, old_keys, "forget_keys", observe),
        every(SWEEP_SECONDS, sweeper.sweep, "sweep", observe),
    ):
        yield


@asynccontextmanager
async def embedding(
    settings: Settings, db: Database, embedders: Embedders, observe: Observer
) -> AsyncIterator[None]:
    """Within the block, what is stored is embedded, and what was embedded is looked after."""
    tidying = {
        "forget_models": partial(forget_models, db),
        "index_large": partial(index_large, db.access.url, settings.large_user, observe),
    }
    async with AsyncExitStack() as stack:
        for embedder in embedders.all():
            if isinstance(embedder, AbstractAsyncContextManager):
                await stack.enter_async_context(embedder)
            work = Embedding(db, embedder, settings.embedding_keep, observe).work
            await stack.enter_async_context(every(EMBED_SECONDS, work, "embed", observe))
        for name, act in tidying.items():
            await stack.enter_async_context(every(TIDY_SECONDS, act, name, observe))
        yield


def summarising(
    settings: Settings, db: Database, models: Mapping[str, Model], observe: Observer
) -> AbstractAsyncContextManager[None]:
    """Within the block, conversations that have grown long are summarised, unless the settings say never."""
    if not settings.summary_after:
        return nullcontext()
    how = Summarising(
        model=models[settings.summary_model or settings.model],
        seconds=settings.model_timeout,
        after=settings.summary_after,
        recent_turns=settings.recent_turns,
        token_budget=settings.token_budget,
    )
    return every(SUMMARY_SECONDS, partial(summarise, db, how, observe), "summarise", observe)
