"""A context: its history, what happens when someone else was first, and the way back."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.browsing import IN_CHROMIUM, NARROW, assert_accessible
from tests.browser.conftest import Served, Visit
from tests.watching import ask

pytestmark = IN_CHROMIUM

UPSERT = 'mutation { upsertUser(input: { externalId: "ada", name: "Ada" }) { user { id } } }'
CREATE = """
mutation ($input: CreateContextInput!) { createContext(input: $input) { context { id version } } }
"""
UPDATE = """
mutation ($input: UpdateContextInput!) { updateContext(input: $input) { context { id version } } }
"""
DELETE = """
mutation ($input: DeleteContextInput!) { deleteContext(input: $input) { context { id } } }
"""
STANDS = "query ($id: ID!) { context(id: $id) { version content metadata isActive } }"


async def a_context(url: str, text: str) -> tuple[str, str]:
    """The ids of Ada, and of something that is known about her."""
    user = (await ask(url, UPSERT))["upsertUser"]["user"]["id"]
    wanted = {"userId": user, "contextType": "knowledge", "content": {"text": text}}
    created = await ask(url, CREATE, input=wanted)
    return user, created["createContext"]["context"]["id"]


async def changed(url: str, id: str, version: int, **what: Any) -> None:
    """By somebody else, over HTTP."""
    await ask(url, UPDATE, input={"id": id, "expectedVersion": version, **what})


async def stands(url: str, id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await ask(url, STANDS, id=id))["context"]
    return found


async def edit(page: Page, text: str) -> None:
    await page.get_by_role("button", name="Edit").click()
    await page.get_by_label("Content").fill(f'{{ "text": "{text}" }}')


async def test_what_it_was_is_compared_and_comes_back(served: Served, visit: Visit) -> None:
    async with served() as url:
        user, id = await a_context(url, "Ada stays at Hotel Astoria.")
        await changed(url, id, 1, content={"text": "Ada stays at Hotel Bristol."})
        address = f"{url}/users/{user}/contexts/{id}"
        page = await visit(f"{address}?version=1", size=NARROW, theme="dark")
        difference = page.get_by_label("From version 1 to the present")
        await expect(difference.locator("del")).to_contain_text("Hotel Astoria")
        await expect(difference.locator("ins")).to_contain_text("Hotel Bristol")
        await assert_accessible(page)
        assert await page.evaluate("document.documentElement.scrollWidth") == NARROW[0]
        await page.get_by_role("button", name="Restore version 1").click()
        await expect(page.get_by_role("link", name="Version 3 (present)")).to_be_visible()
        await expect(page.get_by_text("There is no difference.")).to_be_visible()
        assert await stands(url, id) == {
            "version": 3, "content": {"text": "Ada stays at Hotel Astoria."}, "metadata": {}, "isActive": True,
        }  # fmt: skip
        await page.get_by_role("link", name="Version 1").click()
        await expect(page).to_have_url(address)


async def test_a_version_that_lies_far_back_is_found(served: Served, visit: Visit) -> None:
    async with served() as url:
        user, id = await a_context(url, "Ada has 0 cats.")
        for version in range(1, 50):
            await changed(url, id, version, content={"text": f"Ada has {version} cats."})
        page = await visit(f"{url}/users/{user}/contexts/{id}?version=2")
        difference = page.get_by_label("From version 2 to the present")
        await expect(difference.locator("del")).to_contain_text("Ada has 1 cats.")
        await expect(difference).to_be_in_viewport()


async def test_it_is_edited_deleted_and_restored(served: Served, visit: Visit) -> None:
    async with served() as url:
        user, id = await a_context(url, "Ada drinks tea.")
        page = await visit(f"{url}/users/{user}/contexts/{id}")
        await page.get_by_role("button", name="Edit").click()
        await page.get_by_label("Content").fill('{ "text": ')
        await expect(page.get_by_text("This is no JSON")).to_be_visible()
        await expect(page.get_by_role("button", name="Save")).to_be_disabled()
        await assert_accessible(page)
        await page.get_by_label("Content").fill('{ "text": "Ada drinks coffee." }')
        await page.get_by_label("Metadata").fill('{ "seen": true }')
        await page.get_by_label("Expires").fill("2036-05-01T12:00:00")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Ada drinks coffee.", exact=True)).to_be_visible()
        await expect(page.get_by_text(re.compile("expires May 1, 2036"))).to_be_visible()
        await page.get_by_role("button", name="Delete").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("deleted")
        assert (await stands(url, id))["isActive"] is False
        await page.get_by_role("button", name="Restore", exact=True).click()
        await expect(page.get_by_role("button", name="Edit")).to_be_visible()
        assert await stands(url, id) == {
            "version": 4, "content": {"text": "Ada drinks coffee."}, "metadata": {"seen": True}, "isActive": True,
        }  # fmt: skip


async def test_whoever_was_first_is_shown_and_overwritten_only_on_purpose(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        user, id = await a_context(url, "Ada stays at Hotel Astoria.")
        page = await visit(f"{url}/users/{user}/contexts/{id}")
        await edit(page, "Ada stays with Niels.")
        await changed(
            url, id, 1, content={"text": "Ada stays at Hotel Bristol."}, metadata={"by": "Mary"}
        )
        # It is told before one saves, and what one has written is not touched.
        conflict = page.get_by_role("alert")
        await expect(conflict).to_contain_text("Someone else was first")
        await expect(conflict.locator("ins").first).to_contain_text("Hotel Bristol")
        await expect(page.get_by_label("Content")).to_have_value(
            '{ "text": "Ada stays with Niels." }'
        )
        await assert_accessible(page)
        await conflict.get_by_role("button", name="Write mine over it").click()
        await expect(page.get_by_role("button", name="Edit")).to_be_visible()
        # What one has not touched is as they have left it.
        assert await stands(url, id) == {
            "version": 3, "content": {"text": "Ada stays with Niels."}, "metadata": {"by": "Mary"}, "isActive": True,
        }  # fmt: skip
        await edit(page, "Ada stays at home.")
        await changed(url, id, 3, content={"text": "Ada stays at Hotel Cosmos."})
        await conflict.get_by_role("button", name="Take theirs").click()
        await expect(page.get_by_label("Content")).to_have_value(re.compile("Hotel Cosmos"))
        await page.get_by_role("button", name="Discard").click()
        await expect(page.get_by_text("Ada stays at Hotel Cosmos.", exact=True)).to_be_visible()
        assert (await stands(url, id))["version"] == 4


async def test_what_was_deleted_meanwhile_comes_back_and_takes_what_one_wrote(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        user, id = await a_context(url, "Ada stays at Hotel Astoria.")
        page = await visit(f"{url}/users/{user}/contexts/{id}")
        await edit(page, "Ada stays with Niels.")
        await ask(url, DELETE, input={"id": id})
        conflict = page.get_by_role("alert")
        await expect(conflict).to_contain_text("This context was deleted while you were writing")
        await conflict.get_by_role("button", name="Restore it").click()
        await conflict.get_by_role("button", name="Write mine over it").click()
        await expect(page.get_by_text("Ada stays with Niels.", exact=True)).to_be_visible()
        assert await stands(url, id) == {
            "version": 4, "content": {"text": "Ada stays with Niels."}, "metadata": {}, "isActive": True,
        }  # fmt: skip


async def test_a_conflict_that_is_met_at_saving_is_the_same(served: Served, visit: Visit) -> None:
    async with served() as url:
        user, id = await a_context(url, "Ada stays at Hotel Astoria.")
        page = await visit(f"{url}/users/{user}/contexts/{id}", may_say="WebSocket|ERR_")
        # The page hears nothing of what others do.
        await page.route_web_socket("**/graphql", lambda socket: socket.close())
        await page.reload()
        await expect(page.get_by_text("Connection lost")).to_be_visible()
        await edit(page, "Ada stays with Niels.")
        await changed(url, id, 1, content={"text": "Ada stays at Hotel Bristol."})
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert")).to_contain_text("Someone else was first")
        await page.get_by_role("button", name="Write mine over it").click()
        await expect(page.get_by_text("Ada stays with Niels.", exact=True)).to_be_visible()
        assert (await stands(url, id))["version"] == 3


async def test_contexts_are_added_filtered_and_searched(served: Served, visit: Visit) -> None:
    async with served() as url:
        user, _ = await a_context(url, "Ada stays at Hotel Astoria.")
        page = await visit(f"{url}/users/{user}")
        await page.get_by_role("button", name="Add", exact=True).click()
        dialog = page.get_by_role("dialog", name="Add a context")
        await assert_accessible(page)
        await dialog.get_by_label("Type").fill("preference")
        await dialog.get_by_label("Content").fill('{ "text": "Ada likes a quiet hotel." }')
        await dialog.get_by_role("button", name="Add").click()
        await expect(dialog).to_be_hidden()
        contexts = page.get_by_role("region", name="Contexts")
        await expect(contexts.get_by_role("listitem")).to_have_count(2)
        chip = contexts.get_by_role("button", name="preference 1")
        await chip.click()
        await expect(contexts.get_by_role("listitem")).to_have_count(1)
        await page.reload()
        await expect(chip).to_have_attribute("aria-pressed", "true")
        await expect(contexts.get_by_role("listitem")).to_have_count(1)
        await contexts.get_by_role("button", name="All types").click()
        await contexts.get_by_label("Search what is known").fill("Astoria")
        found = contexts.get_by_role("listitem").first
        await expect(found).to_contain_text("Hotel Astoria")
        await expect(found).to_contain_text(re.compile(r"words \d\.\d\d"))
        await expect(page).to_have_url(re.compile(r"\?q=Astoria$"))
        await assert_accessible(page)
        await contexts.get_by_label("Search what is known").fill("submarine")
        await expect(contexts).to_contain_text("Nothing that is known fits.")


async def test_what_happens_elsewhere_shows_itself_in_the_list(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        user, id = await a_context(url, "Ada stays at Hotel Astoria.")
        page = await visit(f"{url}/users/{user}", size=NARROW, theme="dark")
        rows = page.get_by_role("region", name="Contexts").get_by_role("listitem")
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        await expect(rows).to_have_count(1)
        await changed(url, id, 1, content={"text": "Ada stays at Hotel Bristol."})
        await expect(rows).to_contain_text("Hotel Bristol")
        await expect(rows).to_contain_text("changed just now")
        await a_context(url, "Ada flies at noon.")
        await expect(rows.first).to_contain_text("Ada flies at noon.")
        await expect(rows.first).to_contain_text("new just now")
        await assert_accessible(page)
        await ask(url, DELETE, input={"id": id})
        await expect(rows).to_have_count(1)
        await page.get_by_label("Deleted ones too").check()
        await expect(rows).to_have_count(2)
        await expect(rows.last).to_contain_text("deleted")
        assert await page.evaluate("document.documentElement.scrollWidth") == NARROW[0]
