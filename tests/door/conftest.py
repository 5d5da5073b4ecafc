"""The whole application on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest

from api.app import app_on
from api.models import MODELS
from api.observe import Fact
from api.settings import Settings
from db.pool import Access
from tests.credential import AUTHORIZED
from tests.door.small_pages import small_pages
from tests.serving import TRUSTING_NOBODY, serving

Served = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


def url_of(client: httpx.AsyncClient) -> str:
    """The address of the server, as those want it who make connections of their own."""
    return str(client.base_url).rstrip("/")


@pytest.fixture
def facts() -> list[Fact]:
    """All that the server has observed."""
    return []


@pytest.fixture
def served(reached: Access, facts: list[Fact], tmp_path_factory: pytest.TempPathFactory) -> Served:
    """Serves the application with these settings, and gives a client of it that has a service key."""
    built = small_pages(tmp_path_factory.mktemp("dist"))

    @asynccontextmanager
    async def serve(
        models: Any = MODELS, own_key: str | None = None, **knobs: Any
    ) -> AsyncIterator[httpx.AsyncClient]:
        # What a test leaves running need not finish.
        settings = Settings(_env_file=None, **{"shutdown_grace": 0, **knobs})
        app = app_on(
            settings, reached, models=models, observe=facts.append, own_key=own_key, built=built
        )
        async with (
            serving(app, settings) as url,
            httpx.AsyncClient(
                base_url=url, headers=AUTHORIZED, timeout=10, verify=TRUSTING_NOBODY
            ) as client,
        ):
            yield client

    return serve


@pytest.fixture
async def client(served: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with served() as one:
        yield one
