"""News from PostgreSQL: one listening connection for the whole process, however many wait."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any
from uuid import UUID

import asyncpg

from db.errors import Unavailable, reaching

CHANNEL = "contextql_response"
"""The payload of a notification is the id of the response that has a new event."""

RETRY_SECONDS = 0.5


class Notifications:
    """Wakes those who wait for a response. What the news is, they read from the tables."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def waiter(self, response_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever the response has news. Clear it before reading."""
        news = asyncio.Event()
        self._waiting[response_id].add(news)
        try:
            yield news
        finally:
            self._waiting[response_id].discard(news)
            if not self._waiting[response_id]:
                del self._waiting[response_id]

    def wake(self, response_id: UUID) -> None:
        for news in self._waiting.get(response_id, ()):
            news.set()

    def wake_all(self) -> None:
        """After a silence nobody knows what was missed, so everybody looks."""
        for response_id in list(self._waiting):
            self.wake(response_id)


@asynccontextmanager
async def listening(url: str, on_lost: Callable[[str], None]) -> AsyncIterator[Notifications]:
    """Listen until the end of the block, over lost connections too.

    The first connection is made before the block begins. `on_lost` is told why one went away.
    """
    notifications = Notifications()
    with reaching():
        connection = await _listen(url, notifications)
    keeper = asyncio.create_task(_keep(connection, url, notifications, on_lost))
    try:
        yield notifications
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper


async def _listen(url: str, notifications: Notifications) -> Any:
    connection = await asyncpg.connect(url, timeout=10)
    await connection.add_listener(
        CHANNEL, lambda _c, _p, _ch, payload: notifications.wake(UUID(payload))
    )
    return connection


async def _keep(
    connection: Any, url: str, notifications: Notifications, on_lost: Callable[[str], None]
) -> None:
    while True:
        try:
            await _until_lost(connection)
        finally:
            connection.terminate()
        on_lost("the listening connection was closed")
        connection = await _listen_again(url, notifications)
        notifications.wake_all()


async def _until_lost(connection: Any) -> None:
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _: lost.set())
    if not connection.is_closed():
        await lost.wait()


async def _listen_again(url: str, notifications: Notifications) -> Any:
    while True:
        try:
            with reaching():
                return await _listen(url, notifications)
        except Unavailable:
            await asyncio.sleep(RETRY_SECONDS)
