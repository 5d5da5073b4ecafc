"""The newest changes to the contexts of the users who are followed in this process, read for all in one statement.

However many follow, a look is one statement, and where nobody follows there is none. Nothing is kept for a follower:
each takes the changes at its own pace, and one that falls far behind reads the store by itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from db import context_changes
from db.context_changes import AT_ONCE, Change, Key, Seen
from db.errors import Missing, StoreError, Unavailable
from db.paging import TimeKey
from db.pool import Database
from db.scope import NOBODY

KEPT = 256
"""How many changes a feed remembers."""


@dataclass(frozen=True, slots=True)
class Told:
    """A change, and from which moment on there may be some that were not told before it."""

    change: Change
    resume: datetime


class Feed:
    """What has changed among the contexts of one user, numbered from 1 on since the feed is there."""

    def __init__(self, user: UUID) -> None:
        self.user = user
        self.count = 0
        """The number of the newest."""
        self.followers: set[asyncio.Event] = set()
        self._newest: deque[Told] = deque(maxlen=KEPT)
        self._seen: dict[Key, datetime] = {}
        self._ended: StoreError | None = None

    def after(self, number: int) -> list[Told] | None:
        """What follows this number, None if not all of it is remembered.

        Raises `Missing` once there is no such user, `Unavailable` once the store has been away for too long.
        """
        behind = self.count - number
        if not behind and self._ended:
            raise self._ended
        if behind > len(self._newest):
            return None
        return list(islice(self._newest, len(self._newest) - behind, None))

    def seen(self, since: datetime | None) -> Iterable[Key]:
        """What a look need not read again that goes back to this moment."""
        if since:
            self._seen = {key: at for key, at in self._seen.items() if at >= since}
        return self._seen

    def tell(self, told: Iterable[Told]) -> None:
        """Each is new."""
        for one in told:
            self._newest.append(one)
            self._seen[one.change.key] = one.change.context.updated_at
            self.count += 1
        self._wake()

    def end(self, why: StoreError) -> None:
        """There is no more to come."""
        self._ended = why
        self._wake()

    def _wake(self) -> None:
        for news in self.followers:
            news.set()


def told(changes: Sequence[Change], began: datetime, overlap: float) -> list[Told]:
    """Changes in their order, all of which one has seen who began to look at that moment."""
    unseen = began - timedelta(seconds=overlap)
    return [Told(one, min(one.context.updated_at, unseen)) for one in changes]


class Changes:
    """The feeds of the users who are followed in this process. One that nobody follows is gone.

    No transaction that writes contexts lasts `overlap` seconds. A store that is away is waited for, for `patience`.
    """

    def __init__(self, db: Database, overlap: float, patience: float) -> None:
        self._db = db
        self.overlap = overlap
        self._patience = patience
        self._feeds: dict[UUID, Feed] = {}
        self._since: datetime | None = None
        self._away_since: float | None = None

    @contextmanager
    def followed(self, user: UUID) -> Iterator[tuple[Feed, asyncio.Event]]:
        """The feed of a user, and an event that is set by news of it."""
        feed = self._feeds.setdefault(user, Feed(user))
        news = asyncio.Event()
        feed.followers.add(news)
        try:
            yield feed, news
        finally:
            feed.followers.discard(news)
            if not feed.followers:
                self._forget(feed)

    async def look(self) -> None:
        """See what is new, and tell it. Raises what the store has against it."""
        if not self._feeds:
            # Whoever comes next wants nothing of what was meanwhile.
            self._since = self._away_since = None
            return
        try:
            while await self._looked():
                pass
        except Exception:
            self._lose_patience()
            raise
        self._away_since = None

    async def _looked(self) -> bool:
        """Whether there may be more to see at once."""
        asked = list(self._feeds)
        seen = [key for feed in self._feeds.values() for key in feed.seen(self._since)]
        after = TimeKey(self._since, NOBODY) if self._since else None
        found = await context_changes.look(self._db, asked, self.overlap, after=after, seen=seen)
        for user in asked:
            self._tell(user, found)
        if any(len(changes) == AT_ONCE for changes in found.changes.values()):
            return True
        if found.at:
            self._since = found.at - timedelta(seconds=self.overlap)
        return False

    def _tell(self, user: UUID, found: Seen) -> None:
        feed = self._feeds.get(user)
        if feed is None:
            return
        if found.at is None or user not in found.changes:
            self._end(feed, Missing("user"))
        elif changes := found.changes[user]:
            feed.tell(told(changes, found.at, self.overlap))

    def _lose_patience(self) -> None:
        now = asyncio.get_running_loop().time()
        self._away_since = self._away_since or now
        if now - self._away_since >= self._patience:
            for feed in list(self._feeds.values()):
                self._end(feed, Unavailable("what has changed cannot be read"))

    def _end(self, feed: Feed, why: StoreError) -> None:
        self._forget(feed)
        feed.end(why)

    def _forget(self, feed: Feed) -> None:
        # It may have ended, and another one have begun.
        if self._feeds.get(feed.user) is feed:
            del self._feeds[feed.user]

    def __len__(self) -> int:
        """How many follow."""
        return sum(len(feed.followers) for feed in self._feeds.values())
