"""The rule: so much in each window of time, taken before and given back after.

Windows are those of the clock, so that a count needs no other state than its sum, that what is given back goes where
it was taken, and that every process means the same window. At the border of two a caller may spend both at once.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from api.errors import OperationTooCostly, RateLimited
from api.observe import LimitHit, Observer, unseen
from api.rates.counters import Counters, InProcess
from api.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Quotas:
    """What is allowed in a window of so many seconds; 0: as much as one likes.

    `user` and `service` are the cost of what one user, and one credential of a service, may ask; `generations` the
    answers that may be begun for one user.
    """

    user: int
    service: int
    generations: int
    window: int = 60


class Standing(NamedTuple):
    """How much is left until when."""

    limit: int
    remaining: int
    reset_at: datetime


class Taken(NamedTuple):
    """What was taken from a quota, and how that stands since."""

    key: str
    amount: int
    standing: Standing


class Rates:
    """How much each caller has asked in this window."""

    def __init__(
        self,
        quotas: Quotas,
        counters: Counters,
        now: Callable[[], float] = time.time,
        observe: Observer = unseen,
    ) -> None:
        self.quotas = quotas
        # Clocks differ; the window of another process may end later.
        self._expiry = 2 * quotas.window
        self._observe = observe
        self._counters = counters
        # Mostly nobody else has to be asked.
        self._here = counters if isinstance(counters, InProcess) else None
        self._now = now
        self._ends = datetime.fromtimestamp(0, UTC)
        """When the window ends that was the last to be asked for."""
        self._number = -1

    async def take(self, viewer: Viewer, cost: int) -> Taken | None:
        """Take the cost of an operation; None where there is no limit. Raises `RateLimited`, and takes nothing then."""
        limit = self._limit(viewer)
        if not limit:
            return None
        if cost > limit:
            self._observe(LimitHit("cost"))
            raise OperationTooCostly(
                f"The operation may cost {cost}, and {limit} is all that this credential has in "
                f"{self.quotas.window} seconds. Ask for less at a time.",
                measure="cost",
                value=cost,
                limit=limit,
            )
        key, reset_at = self._window(viewer.counted)
        if self._here is None:
            used = await self._counters.incr(key, self._expiry, cost)
        else:
            used = self._here.add(key, self._expiry, cost)
        if used <= limit:
            return Taken(key, cost, _standing(limit, used, reset_at))
        left = await self._untaken(key, cost, limit, reset_at)
        self._observe(LimitHit("cost"))
        raise self._limited(
            f"The operation may cost {cost}, and {left.remaining} of {limit} are left", left
        )

    async def give_back(self, taken: Taken, amount: int) -> Standing:
        """Give back what was not needed after all, to the window that it was taken from."""
        if amount <= 0 or taken.standing.reset_at.timestamp() <= self._now():
            return taken.standing
        used = await self._counters.incr(taken.key, self._expiry, -amount)
        return _standing(taken.standing.limit, used, taken.standing.reset_at)

    async def standing(self, viewer: Viewer) -> Standing | None:
        """How much is left to the viewer; None where there is no limit."""
        limit = self._limit(viewer)
        if not limit:
            return None
        key, reset_at = self._window(viewer.counted)
        return _standing(limit, await self._counters.get(key), reset_at)

    @asynccontextmanager
    async def generating(self, user: UUID) -> AsyncIterator[None]:
        """Within the block one answer is begun for the user; one that fails does not count. Raises `RateLimited`."""
        limit = self.quotas.generations
        taken = await self._take_generation(user, limit) if limit else None
        try:
            yield
        except BaseException:
            if taken:
                await self.give_back(taken, 1)
            raise

    async def _take_generation(self, user: UUID, limit: int) -> Taken:
        key, reset_at = self._window(f"generations:{user}")
        used = await self._counters.incr(key, self._expiry, 1)
        if used <= limit:
            return Taken(key, 1, _standing(limit, used, reset_at))
        left = await self._untaken(key, 1, limit, reset_at)
        self._observe(LimitHit("generations"))
        raise self._limited(f"{limit} answers were begun for this user already", left)

    async def _untaken(self, key: str, amount: int, limit: int, reset_at: datetime) -> Standing:
        """How it stands when what would have been too much was given back at once."""
        # For this moment others see less than there is, never more.
        used = await self._counters.incr(key, self._expiry, -amount)
        return _standing(limit, used, reset_at)

    def _limit(self, viewer: Viewer) -> int:
        return self.quotas.service if viewer.is_service else self.quotas.user

    def _window(self, whose: str) -> tuple[str, datetime]:
        number = int(self._now() // self.quotas.window)
        if number != self._number:
            self._ends = datetime.fromtimestamp((number + 1) * self.quotas.window, UTC)
            self._number = number
        return f"{whose}:{number}", self._ends

    @staticmethod
    def _limited(why: str, standing: Standing) -> RateLimited:
        moment = standing.reset_at.strftime("%H:%M:%S UTC")
        return RateLimited(
            f"{why}; ask again at {moment}.",
            limit=standing.limit,
            remaining=standing.remaining,
            reset_at=standing.reset_at,
        )


def _standing(limit: int, used: int, reset_at: datetime) -> Standing:
    return Standing(limit, max(0, limit - max(0, used)), reset_at)
