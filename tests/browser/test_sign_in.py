"""Coming in: with the key of the first start, with one that is pasted, and with one that is not good."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.browsing import IN_CHROMIUM, assert_accessible
from tests.browser.conftest import Served, Visit
from tests.credential import KEY

pytestmark = IN_CHROMIUM


@pytest.mark.usefixtures("seeded")
async def test_on_this_machine_one_is_in_without_typing(served: Served, visit: Visit) -> None:
    async with served() as url:
        page = await visit(url)
        await expect(page.get_by_role("link", name="Ada Lovelace")).to_be_visible()
        await assert_accessible(page)


@pytest.mark.usefixtures("seeded")
async def test_a_key_is_pasted_kept_for_the_tab_and_forgotten_by_signing_out(
    served: Served, visit: Visit
) -> None:
    async with served(own_key=None) as url:
        page = await visit(url)
        await expect(page.get_by_role("heading", name="ContextQL")).to_be_visible()
        await assert_accessible(page)
        await page.get_by_label("API key or token").fill(f"Bearer {KEY}")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("link", name="Ada Lovelace")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("link", name="Ada Lovelace")).to_be_visible()
        kept = await page.evaluate("[Object.values(localStorage), document.cookie]")
        assert KEY not in str(kept)
        another = await page.context.new_page()
        await another.goto(url)
        await expect(another.get_by_label("API key or token")).to_be_visible()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("API key or token")).to_be_visible()
        assert await page.evaluate("sessionStorage.length") == 0


async def test_a_key_that_is_unknown_is_refused_in_the_servers_words(
    served: Served, visit: Visit
) -> None:
    async with served(own_key=None) as url:
        page = await visit(url, may_say="401")
        await page.get_by_label("API key or token").fill("cql_0000000000_" + "0" * 48)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_contain_text("UNAUTHENTICATED")
        await assert_accessible(page)


async def test_while_the_server_is_away_it_is_asked_again_by_itself(
    served: Served, visit: Visit
) -> None:
    async with served(own_key=None) as url:
        page = await visit(url, may_say="ERR_INTERNET_DISCONNECTED")
        await page.context.set_offline(True)
        await page.get_by_label("API key or token").fill(KEY)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
        await page.context.set_offline(False)
        await expect(page.get_by_role("heading", name="Users", level=1)).to_be_visible()
