"""The newest events of responses, read once for all who follow them in this process.

However many follow, a piece of news is one read. Nothing is kept for a follower: each takes the events at its
own pace, and one that falls far behind reads the store by itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from uuid import UUID

from db import response_events
from db.contexts import Owned
from db.pool import Database
from db.records import ResponseEvent
from db.response_events import Stretch

KEPT = 256
"""How many events a feed remembers."""

LOOK_SECONDS = 5.0
"""Even without news the store is looked at this often, in case the news was lost on the way."""


class Feed:
    """What is new of one response, from the event after number `seq` on."""

    def __init__(self, db: Database, owned: Owned, seq: int) -> None:
        self._db = db
        self._owned = owned
        self._read_to = seq
        self._newest: deque[ResponseEvent] = deque(maxlen=KEPT)
        self._is_last = False
        self._has_news = True
        self._looked_at = 0.0
        self._reading = asyncio.Lock()
        self.followers: set[asyncio.Event] = set()

    def hear(self) -> None:
        """There is news."""
        self._has_news = True
        for news in self.followers:
            news.set()

    async def after(self, seq: int) -> Stretch:
        """What follows event `seq`, as far as it has happened."""
        await self._read()
        oldest = self._newest[0].seq if self._newest else self._read_to + 1
        if seq + 1 < oldest:
            return await response_events.after(self._db, *self._owned, seq)
        return Stretch(list(islice(self._newest, seq + 1 - oldest, None)), self._is_last)

    async def _read(self) -> None:
        # What is just being read is waited for: whoever comes meanwhile has perhaps dealt with its news already.
        if self._is_read() and not self._reading.locked():
            return
        async with self._reading:
            if not self._is_read():
                await self._read_on()

    def _is_read(self) -> bool:
        looked = asyncio.get_running_loop().time() - self._looked_at < LOOK_SECONDS
        return self._is_last or (looked and not self._has_news)

    async def _read_on(self) -> None:
        # Before reading: what comes meanwhile is news again.
        self._has_news = False
        try:
            stretch = await response_events.after(self._db, *self._owned, self._read_to)
        except BaseException:
            self._has_news = True
            raise
        self._looked_at = asyncio.get_running_loop().time()
        self._newest.extend(stretch.events)
        self._is_last = stretch.is_last
        if stretch.events:
            self._read_to = stretch.events[-1].seq
            # Perhaps there is more than was read at once.
            self._has_news |= not stretch.is_last and len(stretch.events) == response_events.AT_ONCE


class Feeds:
    """The feeds of the responses that are followed in this process. One that nobody follows is gone."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._feeds: dict[UUID, Feed] = {}
        self._quiet = asyncio.Event()
        self._quiet.set()

    @contextmanager
    def followed(self, owned: Owned, seq: int) -> Iterator[tuple[Feed, asyncio.Event]]:
        """The feed of a response for one who has seen event `seq`, and an event that is set by news of it."""
        _, response_id = owned
        feed = self._feeds.setdefault(response_id, Feed(self._db, owned, seq))
        news = asyncio.Event()
        feed.followers.add(news)
        self._quiet.clear()
        try:
            yield feed, news
        finally:
            feed.followers.discard(news)
            if not feed.followers:
                del self._feeds[response_id]
            if not self._feeds:
                self._quiet.set()

    def hear(self, response_id: UUID) -> None:
        """There is news of a response."""
        if feed := self._feeds.get(response_id):
            feed.hear()

    def hear_all(self) -> None:
        """After a silence nobody knows what was missed, so everybody looks."""
        for feed in self._feeds.values():
            feed.hear()

    async def quiet(self) -> None:
        """Wait until nobody follows anything."""
        await self._quiet.wait()

    def __len__(self) -> int:
        """How many follow."""
        return sum(len(feed.followers) for feed in self._feeds.values())
