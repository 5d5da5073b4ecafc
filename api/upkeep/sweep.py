"""Forgetting what has had its time: expired contexts, deleted ones, and those of types that are not kept for ever."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter
from uuid import UUID, uuid4

from api.observe import Observer, Swept
from db import expiry
from db.expiry import Retention
from db.pool import Database
from db.scope import NOBODY


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a sweep does: rows and users in one step, and how many users in all before the next goes on."""

    rows: int = 500
    users: int = 500
    users_in_all: int = 5_000


@dataclass(frozen=True, slots=True)
class Terms:
    """How long things are kept. `grace` is in days after their expiry, `deleted` in days after they were deleted.

    None: for ever. A type without a retention is kept for ever as well.
    """

    grace: float
    deleted: float | None
    retentions: Sequence[Retention]


@dataclass(slots=True)
class Sweeper:
    """Sweeps again and again; several may, in as many processes, and each row goes once."""

    db: Database
    terms: Terms
    observe: Observer
    pace: Pace = Pace()
    walked: UUID = field(default_factory=uuid4)
    """The user that was looked at last. It begins anywhere, so that nobody is always the last to be reached."""

    async def sweep(self) -> None:
        """Whatever is due; a step that another process is taking is left to it."""
        began = perf_counter()
        expired = await self._all(partial(expiry.expire, self.db))
        let_go = await self._let_go()
        deleted = await self._deleted()
        if expired or let_go or deleted:
            milliseconds = round((perf_counter() - began) * 1000, 1)
            self.observe(Swept(expired, let_go, deleted, milliseconds))

    async def _deleted(self) -> int:
        count = await self._all(partial(expiry.delete_expired, self.db, self.terms.grace))
        if self.terms.deleted is not None:
            for delete in (expiry.delete_deleted, expiry.delete_conversations):
                count += await self._all(partial(delete, self.db, self.terms.deleted))
        return count

    async def _let_go(self) -> int:
        """What the retentions let go of, among the next so many users, or those that are left of the round."""
        count, looked_at = 0, 0
        while self.terms.retentions and looked_at < self.pace.users_in_all:
            walked = await expiry.let_go(
                self.db, self.terms.retentions, self.walked, self.pace.users, self.pace.rows
            )
            if walked is None:
                break
            count += walked.count
            if walked.count == self.pace.rows:
                continue
            self.walked = walked.last or NOBODY
            if walked.last is None:
                break
            looked_at += self.pace.users
        return count

    async def _all(self, step: Callable[[int], Awaitable[int]]) -> int:
        """Step by step, until one finds less than there may be; how many in all."""
        count = 0
        while found := await step(self.pace.rows):
            count += found
            if found < self.pace.rows:
                break
        return count
