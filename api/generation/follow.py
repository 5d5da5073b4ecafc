"""Watching one response. Late, live and resuming followers are the same loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from functools import partial

from api.generation.feed import LOOK_SECONDS, Feeds
from api.generation.patience import patiently
from db import response_events, responses
from db.contexts import Owned
from db.errors import Missing
from db.pool import Database
from db.records import ResponseEvent


async def follow(
    db: Database, feeds: Feeds, owned: Owned, after: int, patience: float
) -> AsyncGenerator[ResponseEvent, None]:
    """Every event with `seq > after`: those stored, then those to come, until the last.

    Raises `Missing` where `db` reaches no such response: what is to come is read once, for all who may hear of it.
    Raises `Unavailable` once the store has been away for `patience` seconds.
    """
    if not await patiently(partial(responses.get_many, db, [owned]), patience):
        raise Missing("response")
    # What is stored is for this follower only; what is to come is shared with all others.
    stretch = await patiently(partial(response_events.after, db, *owned, after), patience)
    for event in stretch.events:
        yield event
        after = event.seq
    if stretch.is_last:
        return
    with feeds.followed(owned, after) as (feed, news):
        while not stretch.is_last:
            # Cleared before reading: what comes while we read sets it again.
            news.clear()
            stretch = await patiently(partial(feed.after, after), patience)
            for event in stretch.events:
                yield event
                after = event.seq
            if stretch.is_silent:
                await _heard(news)


async def until_ended(db: Database, feeds: Feeds, owned: Owned, patience: float) -> None:
    """Wait for the last event of a response, wherever it is generated. Raises as `follow`."""
    async with aclosing(follow(db, feeds, owned, 0, patience)) as events:
        async for _ in events:
            pass


async def _heard(news: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS):
            await news.wait()
