"""What a first visit costs whoever has a slow line."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Request, expect

from tests.browser.browsing import IN_CHROMIUM
from tests.browser.conftest import Served

pytestmark = IN_CHROMIUM

MOST = 300_000
"""Bytes of script, as they are sent."""


@pytest.mark.usefixtures("seeded")
async def test_the_first_page_of_the_console_needs_little_script_and_nothing_of_graphiql(
    served: Served, browser: Browser
) -> None:
    async with served() as url, await browser.new_page() as page:
        finished: list[Request] = []
        # Playwright marks what it calls, and a list's own method cannot be marked.
        page.on("requestfinished", lambda request: finished.append(request))  # noqa: PLW0108
        await page.goto(url, wait_until="networkidle")
        await expect(page.get_by_role("link", name="Ada Lovelace")).to_be_visible()
        scripts = [request for request in finished if request.resource_type == "script"]
        sizes = [(await request.sizes())["responseBodySize"] for request in scripts]
        assert scripts
        assert 0 < sum(sizes) < MOST
        assert not [one.url for one in scripts if "monaco" in one.url or "Explorer" in one.url]
