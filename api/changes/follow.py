"""Following what happens to the contexts of one user. Late, live and resuming followers are the same loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from api.changes.feed import Changes, Told, told
from api.generation.patience import patiently
from db import context_changes
from db.context_changes import AT_ONCE, Key
from db.errors import Missing
from db.paging import TimeKey
from db.pool import Database
from db.scope import NOBODY

LONG_AGO = datetime.min.replace(tzinfo=UTC)


async def follow(
    db: Database, changes: Changes, user: UUID, after: datetime | None, patience: float
) -> AsyncGenerator[Told, None]:
    """What has changed from the moment `after` on, then what is to change; without one only that.

    None is left out, some may be told twice. A context that changed several times in a moment is told as it stands.
    Raises `Missing` where `db` reaches no such user, and when it is erased. Raises `Unavailable` once the store has
    been away for `patience` seconds.
    """
    reader = _Reader(db, user, changes.overlap, patience)
    # Joined before anything is read: what is written after that read is news.
    with changes.followed(user) as (feed, news):
        number = feed.count
        async with aclosing(reader.stored(after)) as stored:
            async for one in stored:
                if after is not None:
                    yield one
        if after is None:
            reader.leave_out_what_was_before()
        while True:
            # Cleared before looking: what comes later sets it again.
            news.clear()
            newest = feed.after(number)
            number = feed.count
            if newest is None:
                async with aclosing(reader.stored(reader.resume)) as stored:
                    async for one in stored:
                        yield one
                continue
            for one in reader.new(newest):
                yield one
            if not newest:
                await news.wait()


class _Reader:
    """What one follower has read: nothing comes from the store that came from the feed, or the other way round."""

    def __init__(self, db: Database, user: UUID, overlap: float, patience: float) -> None:
        self._db = db
        self._user = user
        self._overlap = overlap
        self._patience = patience
        self._seen: dict[Key, datetime] = {}
        self._earliest = LONG_AGO
        self.resume = LONG_AGO
        """From this moment on there may be some that were not read."""

    async def stored(self, after: datetime | None) -> AsyncGenerator[Told, None]:
        """What stands in the store, from `after` on, or as far back as it may have been written just now."""
        began = None
        place = TimeKey(after, NOBODY) if after else None
        while True:
            look = partial(context_changes.look, self._db, [self._user], self._overlap, after=place)
            found = await patiently(look, self._patience)
            if found.at is None:
                raise Missing("user")
            began = began or found.at
            page = found.changes[self._user]
            for one in self.new(told(page, began, self._overlap)):
                yield one
            if len(page) < AT_ONCE:
                break
            place = page[-1].place
        self.resume = began - timedelta(seconds=self._overlap)

    def leave_out_what_was_before(self) -> None:
        """What has changed long before one began to read, and is noticed late, is nothing new."""
        self._earliest = self.resume

    def new(self, several: Iterable[Told]) -> Iterator[Told]:
        """Those that were not read yet; they are then."""
        for one in several:
            self.resume = one.resume
            changed_at = one.change.context.updated_at
            if one.change.key not in self._seen and changed_at >= self._earliest:
                self._seen[one.change.key] = changed_at
                yield one
        self._seen = {key: at for key, at in self._seen.items() if at >= self.resume}
