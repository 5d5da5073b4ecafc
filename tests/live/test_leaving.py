"""Whoever goes takes everything along: tasks, waiters, sockets, connections to the database."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from api.app import app_on
from api.server import Server
from api.settings import Settings
from db.pool import Access
from tests.responding import CANCEL
from tests.scripted import Scripted
from tests.serving import Unsignalled, address_of, listening
from tests.waiting import until
from tests.watching import WATCHES, ask, begun_at, watched


def held(uvicorn: Unsignalled) -> tuple[int, int, int]:
    """Followers, sockets and running responses."""
    server: Server = uvicorn.lifespan.state["server"]
    sockets = len(uvicorn.server_state.connections)
    return len(server.feeds), sockets, len(server.running)


@pytest.mark.whole_pool
async def test_what_was_taken_for_viewers_is_given_back(reached: Access) -> None:
    models = {"scripted": Scripted(["Che", asyncio.Event()])}
    settings = Settings(_env_file=None, model="scripted")
    app = app_on(settings, reached, models=models, observe=lambda _: None)
    async with listening(app, settings) as uvicorn:
        tasks = asyncio.all_tasks()
        assert held(uvicorn) == (0, 0, 0)
        url = address_of(uvicorn)
        id = await begun_at(url)
        # They never see a third event.
        viewers = [
            asyncio.create_task(watched(watch, url, id, most=3))
            for watch in WATCHES.values()
            for _ in range(25)
        ]
        await until(lambda: held(uvicorn) == (50, 50, 1))
        for viewer in viewers[::2]:
            viewer.cancel()
        await until(lambda: held(uvicorn)[:2] == (25, 25))
        await ask(url, CANCEL, id=id)
        await asyncio.wait(viewers)
        await until(lambda: held(uvicorn) == (0, 0, 0) and asyncio.all_tasks() <= tasks)
        assert await connections_to(reached.url) <= reached.pool_size + 1


async def connections_to(database_url: str) -> int:
    """Those of the server."""
    connection = await asyncpg.connect(database_url)
    count = await connection.fetchval(
        "select count(*) from pg_stat_activity "
        "where datname = current_database() and application_name = 'contextql'"
    )
    await connection.close()
    return int(count)
