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
from api.door.executing import PlannedResult
from api.errors import RateLimited
from api.operation import Operation
from api.rates import Rates, Standing, Taken


class Charge:
    """The charge for one operation."""

    def __init__(self, rates: Rates, prepared: Prepared, taken: Taken | None, most: int) -> None:
        self._rates = rates
        self._prepared = prepared
        self._taken = taken
        self._most = most
        self.actual = prepared.cost
        """What it was charged in the end; before that, what it could cost."""
        self._standing = taken.standing if taken else None

    async def settled(self, result: ExecutionResult) -> dict[str, Any]:
        """Give back what the answer has not cost. Gives what `extensions.cost` says."""
        requested = self._prepared.cost
        self.actual = actual = _actual(self._prepared, result)
        if self._taken and actual < requested:
            self._standing = await self._rates.give_back(self._taken, requested - actual)
        told: dict[str, Any] = {"requested": requested, "actual": actual, "maximum": self._most}
        if self._standing:
            told["rate"] = {
                "limit": self._standing.limit,
                "remaining": self._standing.remaining,
                "resetAt": _written(self._standing.reset_at),
            }
        return told

    def written(self) -> str:
        """How the caller stands, as it is written into the head of the answer; empty where there is no limit."""
        if self._standing is None:
            return ""
        policy, standing = standing_values(self._standing, self._rates.quotas.window)
        return f"ratelimit-policy: {policy}\r\nratelimit: {standing}\r\n"


async def charged(operation: Operation, prepared: Prepared) -> Charge:
    """Take what the operation could cost. Raises `RateLimited`."""
    rates = operation.rates
    taken = await rates.take(operation.viewer, prepared.cost)
    return Charge(rates, prepared, taken, operation.settings.max_cost)


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
    if isinstance(result, PlannedResult):
        return min(max(result.cost, 1), prepared.cost)
    # Of an answer with errors it cannot be seen what it took.
    if result.errors or result.data is None:
        return prepared.cost
    return min(max(prepared.tally.of(result.data), 1), prepared.cost)


def _seconds_until(moment: datetime) -> int:
    return max(1, ceil(moment.timestamp() - time()))


@lru_cache(maxsize=8)
def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
