"""A browser, and the application with its real pages on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from api.app import app_on
from api.models import MODELS, Model
from api.seed import seed_all
from api.settings import Settings
from db.pool import Access, Database, opened
from tests.browser.browsing import WIDE, Watched, chromium
from tests.credential import KEY
from tests.serving import serving

Visit = Callable[..., Awaitable[Page]]
"""Opens an address in a context of its own: `await visit(url, size=WIDE, theme="light", may_say="pattern")`."""

NOTHING = "(?!)"

Served = Callable[..., AbstractAsyncContextManager[str]]
"""Serves the application on this machine, as `make serve` does at its first start; gives the address."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all tests; what one context keeps is in no other."""
    async with chromium() as one:
        yield one


@pytest.fixture
def visited() -> list[Watched]:
    """The pages that the test has opened."""
    return []


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, visited: list[Watched]) -> AsyncIterator[Visit]:
    """At the end no page has complained, and none has asked another host."""
    async with AsyncExitStack() as contexts:

        async def open_page(
            url: str, size: tuple[int, int] = WIDE, theme: str = "light", may_say: str = NOTHING
        ) -> Page:
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                color_scheme=theme,  # type: ignore[arg-type]  # one of its words
                locale="en-GB",
            )
            await contexts.enter_async_context(context)
            context.set_default_timeout(10_000)
            page = await context.new_page()
            visited.append(Watched(page, urlsplit(url).netloc, may_say))
            await page.goto(url)
            return page

        yield open_page
        assert [one.said for one in visited if one.said] == []
        assert [one.elsewhere for one in visited if one.elsewhere] == []


@pytest.fixture
def served(reached: Access, visited: list[Watched]) -> Served:
    @asynccontextmanager
    async def serve(
        models: Mapping[str, Model] = MODELS, own_key: str | None = KEY, **knobs: object
    ) -> AsyncIterator[str]:
        settings = Settings(_env_file=None, **{"shutdown_grace": 0, "rate_limit": 0, **knobs})  # type: ignore[arg-type]
        app = app_on(settings, reached, models=models, observe=lambda _: None, own_key=own_key)
        async with AsyncExitStack() as stack:
            yield await stack.enter_async_context(serving(app, settings))
            # They would miss a server that is gone, and say so.
            for one in visited:
                await one.page.close()

    return serve


@pytest_asyncio.fixture(loop_scope="session")
async def db(reached: Access) -> AsyncIterator[Database]:
    async with opened(reached) as database:
        yield database


@pytest.fixture
async def seeded(reached: Access) -> None:
    """The users of `make seed` are stored."""
    async with opened(reached) as db:
        await seed_all(db)
