"""Watching one response. Late, live and resuming followers are the same loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

from db import response_events
from db.notifications import Notifications
from db.pool import Database
from db.records import ResponseEvent

LOOK_SECONDS = 5.0
"""A follower looks this often even without news, in case the news was lost on the way."""


async def follow(
    db: Database, notifications: Notifications, user_id: UUID, response_id: UUID, after: int
) -> AsyncIterator[ResponseEvent]:
    """Every event with `seq > after`: those stored, then those to come, until the last."""
    with notifications.waiter(response_id) as news:
        while True:
            # Cleared before reading: what comes while we read sets it again.
            news.clear()
            events = await response_events.after(db, user_id, response_id, after)
            for event in events:
                if event.seq > after:
                    yield event
                    after = event.seq
                if event.kind in response_events.LAST_KINDS:
                    return
            if not events:
                await _heard(news)


async def _heard(news: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS):
            await news.wait()
