"""Counters in a Redis that several processes share; while it is away, each process counts for itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from limits.aio.storage import RedisStorage
from limits.errors import ConfigurationError, StorageError

from api.observe import Observer, SharedRatesLost
from api.rates.counters import Counters, InProcess

CONNECTIONS = 16
"""How many connections to Redis one process holds at most; further questions wait for their turn."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many seconds an answer of Redis is waited for, and after how many one that was away is tried again."""

    patience: float = 1.0
    pause: float = 5.0


USUAL = Tolerance()


class Unusable(Exception):
    """Redis cannot be used by this URL, or not at all: why, and what to do. There is no password in it."""


class Shared:
    """Counts in Redis. One that does not answer is observed once, and left alone for a while."""

    def __init__(
        self, redis: Counters, alone: Counters, observe: Observer, tolerance: Tolerance
    ) -> None:
        self._redis = redis
        self._alone = alone
        self._observe = observe
        self._tolerance = tolerance
        self._places = asyncio.Semaphore(CONNECTIONS)
        self._is_away = False
        self._try_at = 0.0

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        shared = await self._asked(lambda: self._redis.incr(key, expiry, amount))
        return await self._alone.incr(key, expiry, amount) if shared is None else shared

    async def get(self, key: str) -> int:
        shared = await self._asked(lambda: self._redis.get(key))
        return await self._alone.get(key) if shared is None else shared

    async def _asked(self, ask: Callable[[], Awaitable[int]]) -> int | None:
        """What Redis says; None while it is away."""
        async with self._places:
            was_away = self._is_away
            if was_away and time.monotonic() < self._try_at:
                return None
            # Whoever comes in the meantime does not wait for the same.
            self._try_at = time.monotonic() + self._tolerance.pause
            try:
                async with asyncio.timeout(self._tolerance.patience):
                    count = await ask()
            except (StorageError, OSError, TimeoutError) as error:
                self._lost(error)
                return None
            if was_away:
                self._is_away = False
            return count

    def _lost(self, error: Exception) -> None:
        if not self._is_away:
            cause = error.storage_error if isinstance(error, StorageError) else error
            self._observe(SharedRatesLost(type(cause).__name__))
        self._is_away = True


@asynccontextmanager
async def counting(
    redis_url: str | None, observe: Observer, tolerance: Tolerance = USUAL
) -> AsyncIterator[Counters]:
    """Counters for the length of the block. Raises `Unusable`."""
    if redis_url is None:
        yield InProcess()
        return
    redis = _redis(redis_url, tolerance.patience)
    try:
        yield Shared(redis, InProcess(), observe, tolerance)
    finally:
        await redis.bridge.get_connection().aclose()  # type: ignore[attr-defined]  # that of redis-py, which we ask for


def require_usable(redis_url: str) -> None:
    """Raises `Unusable` unless what it takes to reach Redis by this URL is there. Redis itself may be away."""
    _redis(redis_url, USUAL.patience)


async def answers(redis_url: str) -> bool:
    """Whether Redis is there by this URL. Raises `Unusable`."""
    redis = _redis(redis_url, USUAL.patience)
    try:
        return await redis.check()
    finally:
        await redis.bridge.get_connection().aclose()  # type: ignore[attr-defined]  # as above


def _redis(url: str, patience: float) -> RedisStorage:
    try:
        return RedisStorage(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="contextql",
            max_connections=CONNECTIONS,
            socket_timeout=patience,
            socket_connect_timeout=patience,
        )
    except ConfigurationError as error:
        if "prerequisite" in str(error):
            raise Unusable("needs the package redis; pip install 'contextql[redis]'") from error
        raise Unusable(_SHAPE) from error
    except ValueError as error:
        raise Unusable(_SHAPE) from error


_SHAPE = "must have a host and a port, such as redis://127.0.0.1:6379/0"
