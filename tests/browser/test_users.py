"""All users: found by a word, shown in pages, and a new one added."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from db import users
from db.pool import Access, Database, opened
from tests.browser.browsing import IN_CHROMIUM, NARROW, assert_accessible
from tests.browser.conftest import Served, Visit
from tests.credential import key_for

pytestmark = IN_CHROMIUM

MANY = 120


@pytest.fixture
async def many(reached: Access) -> None:
    """A hundred and twenty users, of whom the last stored stands first."""
    async with opened(reached) as db:
        for number in range(1, MANY + 1):
            await users.upsert(db, f"user-{number:03}", name=(f"Number {number}",))


async def name_of(db: Database, external_id: str) -> str | None:
    (user,) = (await users.get_many(db, [users.id_of(db, external_id)])).values()
    return user.name


async def assert_fits(page: Page) -> None:
    """Nothing of the page lies beside the window."""
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.usefixtures("many")
async def test_users_come_in_pages_which_stay_through_a_reload_and_coming_back(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        page = await visit(f"{url}/users")
        users_shown = page.locator("tbody tr")
        await expect(page.get_by_role("status")).to_have_text("120 users")
        await expect(users_shown).to_have_count(50)
        await page.get_by_role("button", name="Show more").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("link", name="Number 70")).to_be_focused()
        await expect(users_shown).to_have_count(100)
        await page.get_by_role("button", name="Show more").click()
        await expect(users_shown).to_have_count(MANY)
        await expect(page.get_by_role("button", name="Show more")).to_be_hidden()
        await page.reload()
        await expect(users_shown).to_have_count(MANY)
        await page.get_by_role("link", name="Number 3", exact=True).click()
        await expect(page).to_have_url(re.compile("/users/.+"))
        await page.go_back()
        await expect(users_shown).to_have_count(MANY)


@pytest.mark.usefixtures("many")
async def test_a_user_is_searched_for_by_the_beginning_of_words(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        page = await visit(f"{url}/users", size=NARROW, theme="dark")
        status = page.get_by_role("status")
        await expect(status).to_have_text("120 users")
        await assert_accessible(page)
        await page.get_by_label("Search users").press_sequentially("number 11")
        await expect(status).to_have_text("11 users match")
        await expect(page.locator("tbody tr")).to_have_count(11)
        await expect(page).to_have_url(f"{url}/users?q=number+11")
        await page.reload()
        await expect(page.get_by_label("Search users")).to_have_value("number 11")
        await expect(page.locator("tbody tr")).to_have_count(11)
        await assert_fits(page)
        await page.get_by_label("Search users").fill("nobody")
        await expect(page.get_by_text("Nobody matches “nobody”.")).to_be_visible()
        await assert_accessible(page)
        await page.get_by_role("button", name="Show all").click()
        await expect(status).to_have_text("120 users")
        await expect(page.get_by_label("Search users")).to_have_value("")


async def test_the_first_user_is_added_and_one_who_is_there_is_not_changed(
    served: Served, visit: Visit, db: Database
) -> None:
    async with served() as url:
        page = await visit(f"{url}/users")
        await expect(page.get_by_text("Nobody is known yet.")).to_be_visible()
        await expect(page.get_by_text("make seed")).to_be_visible()
        await page.get_by_role("button", name="add one yourself").click()
        dialog = page.get_by_role("dialog", name="Add a user")
        await expect(dialog.get_by_label("External id")).to_be_focused()
        await assert_accessible(page)
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        await expect(page.get_by_role("button", name="add one yourself")).to_be_focused()
        await page.get_by_role("button", name="Add a user").click()
        await page.keyboard.type("ada")
        await dialog.get_by_label("Name").fill("Ada")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/users/.+"))
        assert await name_of(db, "ada") == "Ada"
        await page.goto(f"{url}/users")
        await page.get_by_role("button", name="Add a user").click()
        await dialog.get_by_label("External id").fill("ada")
        await dialog.get_by_label("Name").fill("Somebody else")
        await page.keyboard.press("Enter")
        await expect(dialog.get_by_role("alert")).to_contain_text("There is a user")
        await assert_accessible(page)
        assert await name_of(db, "ada") == "Ada"
        await dialog.get_by_role("link", name="Ada").click()
        await expect(page).to_have_url(re.compile("/users/.+"))


async def test_a_user_sees_only_themselves(served: Served, visit: Visit, db: Database) -> None:
    await users.upsert(db, "bob", name=("Bob",))
    async with served(own_key=await key_for(db, "ada")) as url:
        page = await visit(f"{url}/users")
        await expect(page).to_have_url(re.compile("/users/.+"))
        await expect(page.get_by_role("link", name="Bob")).to_be_hidden()
