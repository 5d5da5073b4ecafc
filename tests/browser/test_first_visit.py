"""The first visit: from a server that was started just now to an answer that rests on something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.browsing import IN_CHROMIUM, NARROW, assert_accessible
from tests.browser.conftest import Visit
from tests.processes import Serving

pytestmark = IN_CHROMIUM


@contextmanager
def started(data: Path) -> Iterator[str]:
    """A server that begins with nothing; gives its address."""
    server = Serving(DATA_DIR=str(data))
    try:
        yield server.address
        assert server.stopped()[0] == 0
    finally:
        if server.process.poll() is None:
            server.killed()


async def test_from_the_first_start_to_a_grounded_answer_and_its_receipt(
    tmp_path: Path, visit: Visit
) -> None:
    with started(tmp_path) as address:
        await first_visit(await visit(address, size=NARROW))


async def first_visit(page: Page) -> None:
    await expect(page.get_by_role("heading", name="Users", level=1)).to_be_visible()
    await assert_accessible(page)
    await page.get_by_role("button", name="Add a user").first.click()
    await page.get_by_label("External id").fill("ada")
    await page.get_by_label(re.compile("^Name")).fill("Ada Lovelace")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Ada Lovelace")).to_be_visible()
    await page.get_by_role("button", name="Add", exact=True).click()
    known = '{ "text": "Ada stays at Hotel Astoria in Copenhagen." }'
    await page.get_by_label("Content").fill(known)
    await page.get_by_role("dialog").get_by_role("button", name="Add").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.get_by_label("Message").fill("Where does Ada stay?")
    await page.keyboard.press("Enter")
    answer = page.get_by_role("article", name="Answer to: Where does Ada stay?")
    await expect(answer).to_contain_text("“Ada stays at Hotel Astoria in Copenhagen.”")
    await answer.get_by_role("button", name="[1: knowledge").click()
    await expect(answer.locator(".cited")).to_contain_text("In: it matches the message.")
    await assert_accessible(page)
    await answer.get_by_role("link", name="Version 1").click()
    await expect(page.get_by_role("heading", name="knowledge", level=1)).to_be_visible()
    await expect(page.get_by_role("link", name="Where does Ada stay?")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROW[0]
    await page.close()
