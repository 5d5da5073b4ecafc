"""What an operation is charged: what it could cost before, and after it no more than it has cost.

Told in `extensions.cost` of each answer, and over HTTP in the headers of the IETF's draft on rate limits.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from math import ceil
from time import time
from typing import Any

from strawberry.types import ExecutionResult

from api.door.documents import Prepared
from api.errors import RateLimited
from api.plan import Answer
from api.rates import Rates, Standing, Taken


class Charge:
    """The charge for one operation, for which what it could cost was `taken`."""

    __slots__ = ("_most", "_prepared", "_rates", "_standing", "_taken", "actual")

    def __init__(self, rates: Rates, prepared: Prepared, taken: Taken | None, most: int) -> None:
        self._rates = rates
        self._prepared = prepared
        self._taken = taken
        self._most = most
        self.actual = prepared.cost
        """What it was charged in the end; before that, what it could cost."""
        self._standing = taken.standing if taken else None

    def settle(self, result: ExecutionResult) -> int:
        """See what the answer has cost. Gives what was taken beyond that, which is to be given back."""
        requested = self._prepared.cost
        self.actual = actual = _actual(self._prepared, result)
        return requested - actual if self._taken else 0

    async def give_back(self, amount: int) -> None:
        if self._taken:
            self._standing = await self._rates.give_back(self._taken, amount)

    def told(self) -> dict[str, Any]:
        """What `extensions.cost` says."""
        told: dict[str, Any] = {
            "requested": self._prepared.cost,
            "actual": self.actual,
            "maximum": self._most,
        }
        if self._standing is not None:
            limit, remaining, reset_at = self._standing
            told["rate"] = {"limit": limit, "remaining": remaining, "resetAt": _written(reset_at)}
        return told

    def written(self) -> str:
        """How the caller stands, as it is written into the head of the answer; empty where there is no limit."""
        if self._standing is None:
            return ""
        policy, standing = standing_values(self._standing, self._rates.quotas.window)
        return f"ratelimit-policy: {policy}\r\nratelimit: {standing}\r\n"


def limited_headers(limited: RateLimited, window: int) -> dict[str, str]:
    """The headers that say when to ask again."""
    if limited.reset_at is None or limited.remaining is None:
        return {}
    found = Standing(limited.limit, limited.remaining, limited.reset_at)
    policy, standing = standing_values(found, window)
    return {
        "Retry-After": str(_seconds_until(limited.reset_at)),
        "RateLimit-Policy": policy,
        "RateLimit": standing,
    }


def standing_values(standing: Standing, window: int) -> tuple[str, str]:
    """What `RateLimit-Policy` and `RateLimit` say of it."""
    limit, remaining, reset_at = standing
    seconds = _seconds_until(reset_at)
    return f'"cost";q={limit};w={window}', f'"cost";r={remaining};t={seconds}'


def _actual(prepared: Prepared, result: ExecutionResult) -> int:
    if isinstance(result, Answer):
        return min(result.cost or 1, prepared.cost)
    # Of an answer with errors it cannot be seen what it took.
    if result.errors or result.data is None:
        return prepared.cost
    return min(max(prepared.tally.of(result.data), 1), prepared.cost)


def _seconds_until(moment: datetime) -> int:
    return max(1, ceil(moment.timestamp() - time()))


@lru_cache(maxsize=8)
def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
