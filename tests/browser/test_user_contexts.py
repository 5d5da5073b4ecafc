"""The contexts of a user while they change: no row is lost, the focus stays, and one is told."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.browsing import IN_CHROMIUM, NARROW, assert_accessible
from tests.browser.conftest import Served, Visit
from tests.browser.test_contexts import CREATE, a_context, changed
from tests.watching import ask

pytestmark = IN_CHROMIUM


async def known(url: str, user: str, text: str) -> str:
    """The id of something that is known of the user from now on."""
    wanted = {"userId": user, "contextType": "knowledge", "content": {"text": text}}
    return str((await ask(url, CREATE, input=wanted))["createContext"]["context"]["id"])


async def test_contexts_come_in_pages_and_none_is_lost_when_others_come_meanwhile(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        user, _ = await a_context(url, "Fact 1 of many.")
        for number in range(2, 41):
            await known(url, user, f"Fact {number} of many.")
        page = await visit(f"{url}/users/{user}", size=NARROW)
        contexts = page.get_by_role("region", name="Contexts")
        rows = contexts.get_by_role("listitem")
        await expect(rows).to_have_count(25)
        await contexts.get_by_role("button", name="Show more").focus()
        await page.keyboard.press("Enter")
        await expect(rows).to_have_count(40)
        await expect(rows.nth(25).get_by_role("link")).to_be_focused()
        await expect(contexts.get_by_role("button", name="Show more")).to_be_hidden()
        # One's own makes the first page be read anew: what it pushes off is in no other page.
        await contexts.get_by_role("button", name="Add").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Content").fill('{ "text": "Fact 41 of many." }')
        await dialog.get_by_role("button", name="Add").click()
        await expect(rows).to_have_count(41)
        await expect(contexts).to_contain_text("41 of 41")
        texts = await rows.get_by_role("link").all_inner_texts()
        assert texts == [f"Fact {number} of many." for number in range(41, 0, -1)]
        await known(url, user, "Fact 42 of many.")
        await expect(rows.first).to_contain_text("Fact 42 of many.")
        await expect(rows.first).to_contain_text("new just now")
        told = contexts.get_by_role("status").filter(has_text="knowledge new, version 1")
        await expect(told).to_have_count(1)
        assert await page.evaluate("document.documentElement.scrollWidth") == NARROW[0]
        await assert_accessible(page)


async def test_a_search_says_how_well_each_fits_and_what_this_server_cannot_do(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        user, _ = await a_context(url, "Ada stays at Hotel Astoria.")
        await known(url, user, "Ada drinks tea.")
        page = await visit(f"{url}/users/{user}", theme="dark")
        contexts = page.get_by_role("region", name="Contexts")
        found = contexts.get_by_role("listitem").first
        how = contexts.get_by_label("How to search")
        await contexts.get_by_label("Search what is known").fill("hotel")
        for mode in ("HYBRID", "KEYWORD"):
            await how.select_option(mode)
            await expect(found).to_contain_text("Hotel Astoria")
            await expect(found).to_contain_text(re.compile(r"words \d\.\d\d"))
            await expect(found.get_by_label("Score")).to_be_visible()
        await page.reload()
        await expect(how).to_have_value("KEYWORD")
        await expect(found).to_contain_text("Hotel Astoria")
        await how.select_option("SEMANTIC")
        await expect(contexts.get_by_role("alert")).to_contain_text("no embedding model")
        await assert_accessible(page)


async def test_the_focus_is_where_one_acts_on_a_context_and_one_is_told_of_what_others_do(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        user, id = await a_context(url, "Ada has 1 cat.")
        for version in range(1, 41):
            await changed(url, id, version, content={"text": f"Ada has {version} cats."})
        page = await visit(f"{url}/users/{user}/contexts/{id}")
        versions = page.get_by_role("region", name="Versions").get_by_role("listitem")
        await page.get_by_role("button", name="Show more").click()
        await expect(versions).to_have_count(40)
        await changed(url, id, 41, content={"text": "Ada has no cats."})
        await expect(page.get_by_text("Ada has no cats.", exact=True)).to_be_visible()
        told = page.get_by_role("status").filter(has_text="knowledge changed, version 42")
        await expect(told).to_have_count(1)
        await expect(page.locator("main header .tag.good").last).to_contain_text("changed just now")
        await expect(versions).to_have_count(41)
        shown = await versions.get_by_role("link").all_inner_texts()
        assert shown == ["Version 42 (present)"] + [f"Version {one}" for one in range(41, 1, -1)]
        await page.get_by_role("button", name="Edit").press("Enter")
        await expect(page.get_by_label("Content")).to_be_focused()
        await page.get_by_role("button", name="Discard").press("Enter")
        await expect(page.get_by_role("button", name="Edit")).to_be_focused()
        await page.get_by_role("button", name="Delete").press("Enter")
        restore = page.get_by_role("button", name="Restore", exact=True)
        await expect(restore).to_be_focused()
        await restore.press("Enter")
        await expect(page.get_by_role("button", name="Edit")).to_be_focused()
