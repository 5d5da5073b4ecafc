"""The page of a user: their profile and who was first to change it, asking, and erasing them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from db import users
from db.pool import Database
from tests.browser.browsing import IN_CHROMIUM, NARROW, WIDE, assert_accessible
from tests.browser.conftest import Served, Visit
from tests.credential import key_for
from tests.scripted import Paced, paced
from tests.watching import ask

pytestmark = IN_CHROMIUM

UPSERT = """
mutation ($id: String!, $name: String) {
  upsertUser(input: { externalId: $id, name: $name }) { user { id } }
}
"""
SET_PROFILE = """
mutation ($user: ID!, $content: JSON!) {
  setProfile(input: { userId: $user, content: $content }) { profile { version } }
}
"""
PROFILE = "query ($user: ID!) { user(by: { id: $user }) { profile { id content version } } }"
DELETE = "mutation ($id: ID!) { deleteContext(input: { id: $id }) { context { id } } }"
TALK = """
mutation ($user: ID!, $title: String) {
  createConversation(input: { userId: $user, title: $title }) { conversation { id } }
}
"""
GONE = '{ user(by: { externalId: "ada" }) { id } }'


async def ada(url: str, **profile: Any) -> str:
    """The id of Ada, who has this profile if any."""
    user = str((await ask(url, UPSERT, id="ada", name="Ada"))["upsertUser"]["user"]["id"])
    if profile:
        await written(url, user, **profile)
    return user


async def written(url: str, user: str, **profile: Any) -> None:
    """The profile, by somebody else over HTTP."""
    await ask(url, SET_PROFILE, user=user, content=profile)


async def profile_of(url: str, user: str) -> dict[str, Any]:
    found: dict[str, Any] = (await ask(url, PROFILE, user=user))["user"]["profile"]
    return found


async def edit(page: Page, text: str, button: str = "Edit") -> None:
    await page.get_by_role("region", name="Profile").get_by_role("button", name=button).click()
    await expect(page.get_by_label("Profile as JSON")).to_be_focused()
    await page.get_by_label("Profile as JSON").fill(text)


async def test_a_profile_is_written_read_and_refused_while_it_is_no_json(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        user = await ada(url)
        page = await visit(f"{url}/users/{user}", size=NARROW, theme="dark")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Ada")
        profile = page.get_by_role("region", name="Profile")
        await expect(profile).to_contain_text("There is none.")
        await edit(page, '{ "home": ', "Write one")
        await expect(profile.get_by_role("status")).to_contain_text("This is no JSON")
        await expect(profile.get_by_role("button", name="Save")).to_be_disabled()
        await assert_accessible(page)
        await page.get_by_label("Profile as JSON").fill('{ "number": 9007199254740993 }')
        await expect(profile.get_by_role("status")).to_contain_text("keeps exactly")
        await expect(profile.get_by_role("button", name="Save")).to_be_disabled()
        await page.get_by_label("Profile as JSON").fill('{ "home": "London", "likes": ["tea"] }')
        await profile.get_by_role("button", name="Save").click()
        await expect(profile.get_by_role("term").first).to_have_text("home")
        await expect(profile).to_contain_text("London")
        await expect(profile).to_contain_text("tea")
        await expect(profile.get_by_role("button", name="Edit")).to_be_focused()
        assert (await profile_of(url, user))["content"] == {"home": "London", "likes": ["tea"]}
        await written(url, user, home="Ockham")
        await expect(profile).to_contain_text("Ockham")
        assert await page.evaluate("document.documentElement.scrollWidth") == NARROW[0]
        await assert_accessible(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_whoever_was_second_sees_both_and_chooses(
    served: Served, visit: Visit, theme: str
) -> None:
    async with served() as url:
        user = await ada(url, home="London")
        page = await visit(f"{url}/users/{user}", theme=theme)
        await edit(page, '{ "home": "Paris" }')
        await written(url, user, home="Rome")
        await page.get_by_role("button", name="Save").click()
        dialog = page.get_by_role("dialog", name="Someone else was first")
        await expect(dialog.get_by_role("region", name="What stands now")).to_contain_text("Rome")
        await expect(dialog.get_by_role("region", name="Yours")).to_contain_text("Paris")
        await assert_accessible(page)
        await page.keyboard.press("Escape")
        await expect(page.get_by_label("Profile as JSON")).to_have_value('{ "home": "Paris" }')
        await page.get_by_role("button", name="Save").click()
        await expect(dialog.get_by_role("region", name="What stands now")).to_contain_text("Rome")
        await written(url, user, home="Oslo")
        await dialog.get_by_role("button", name="Write mine over it").click()
        await expect(dialog.get_by_role("region", name="What stands now")).to_contain_text("Oslo")
        assert (await profile_of(url, user))["content"] == {"home": "Oslo"}
        await dialog.get_by_role("button", name="Write mine over it").click()
        await expect(dialog).to_be_hidden()
        profile = page.get_by_role("region", name="Profile")
        await expect(profile).to_contain_text("Version 4")
        assert (await profile_of(url, user))["content"] == {"home": "Paris"}


async def test_whoever_was_second_takes_what_stands_be_it_nothing(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        user = await ada(url, home="London")
        page = await visit(f"{url}/users/{user}")
        profile = page.get_by_role("region", name="Profile")
        await edit(page, '{ "home": "Paris" }')
        await written(url, user, home="Rome")
        await page.get_by_role("button", name="Save").click()
        await page.get_by_role("button", name="Take theirs").click()
        await expect(profile).to_contain_text("Rome")
        await expect(profile.get_by_role("button", name="Edit")).to_be_visible()
        await edit(page, '{ "home": "Paris" }')
        await ask(url, DELETE, id=(await profile_of(url, user))["id"])
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("dialog")).to_contain_text("The profile was deleted")
        await page.get_by_role("button", name="Leave it deleted").click()
        await expect(profile).to_contain_text("There is none.")
        # Where there was none, somebody else may have written the first.
        await edit(page, '{ "home": "Paris" }', "Write one")
        await written(url, user, home="Oslo")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("dialog")).to_contain_text("Oslo")
        await page.get_by_role("button", name="Write mine over it").click()
        await expect(profile.get_by_role("button", name="Edit")).to_be_visible()
        await expect(profile).to_contain_text("Paris")
        assert (await profile_of(url, user))["content"] == {"home": "Paris"}


async def test_one_asks_and_sees_the_answer_arrive_and_finds_the_conversation_again(
    served: Served, visit: Visit
) -> None:
    async with served({"paced": Paced()}, model="paced") as url:
        user = await ada(url)
        for number in range(25):
            await ask(url, TALK, user=user, title=f"Talk {number}")
        page = await visit(f"{url}/users/{user}")
        talks = page.get_by_role("region", name="Conversations")
        await expect(talks.get_by_role("listitem")).to_have_count(20)
        await talks.get_by_role("button", name="Show more").click()
        await expect(talks.get_by_role("link", name="Talk 4", exact=True)).to_be_focused()
        await expect(talks.get_by_role("listitem")).to_have_count(25)
        await page.get_by_label("Message").fill(paced(40, 0.02))
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/conversations/.+"))
        await expect(page.get_by_role("article")).to_contain_text("1 2 3 4 5 6 7 8 9 10")
        await page.get_by_role("link", name="Ada").click()
        newest = talks.get_by_role("link").first
        await expect(newest).to_have_text(paced(40, 0.02))
        await newest.click()
        await expect(page.get_by_role("article")).to_contain_text("38 39 40")


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (NARROW, "dark")])
async def test_a_user_is_erased_by_whoever_types_who_it_is(
    served: Served, visit: Visit, size: tuple[int, int], theme: str
) -> None:
    async with served() as url:
        user = await ada(url, home="London")
        await ask(url, TALK, user=user, title="The last one")
        page = await visit(f"{url}/users", size=size, theme=theme)
        await page.get_by_role("link", name="Ada").click()
        await page.get_by_role("button", name="Erase…").click()
        dialog = page.get_by_role("dialog", name="Erase Ada")
        await expect(dialog.get_by_label("Type ada to confirm")).to_be_focused()
        await expect(dialog).to_contain_text(re.compile(r"contexts\s*1\s*conversations\s*1"))
        await assert_accessible(page)
        await page.keyboard.type("Ada")
        await expect(dialog.get_by_role("button", name="Erase for good")).to_be_disabled()
        await dialog.get_by_label("Type ada to confirm").fill("ada")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{url}/users")
        told = "Ada was erased, with 1 context"
        await expect(page.get_by_role("status").first).to_contain_text(told)
        await expect(page.get_by_text("Nobody is known yet.")).to_be_visible()
        await assert_accessible(page)
        assert (await ask(url, GONE))["user"] is None
        await page.reload()
        await expect(page.get_by_text("Nobody is known yet.")).to_be_visible()
        await expect(page.get_by_text(told)).to_be_hidden()
        await page.goto(f"{url}/users/{user}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such user")
        await page.get_by_role("link", name="All users").click()
        await expect(page).to_have_url(f"{url}/users")


async def test_what_could_not_be_loaded_is_asked_for_again(served: Served, visit: Visit) -> None:
    async with served() as url:
        await ada(url)
        page = await visit(f"{url}/users", may_say="ERR_INTERNET_DISCONNECTED")
        await expect(page.get_by_role("link", name="Ada")).to_be_visible()
        await page.context.set_offline(True)
        await page.get_by_role("link", name="Ada").click()
        await expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
        await assert_accessible(page)
        await page.context.set_offline(False)
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Ada")


async def test_a_user_sees_themselves_and_nobody_else(
    served: Served, visit: Visit, db: Database
) -> None:
    await users.upsert(db, "bob", name=("Bob",))
    async with served(own_key=await key_for(db, "ada")) as url:
        bob = (await ask(url, UPSERT, id="bob", name="Bob"))["upsertUser"]["user"]["id"]
        page = await visit(f"{url}/users")
        await expect(page.get_by_role("heading", level=1)).to_have_text("ada")
        await expect(page.get_by_role("button", name="Erase…")).to_be_hidden()
        await edit(page, '{ "home": "London" }', "Write one")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("region", name="Profile")).to_contain_text("London")
        await assert_accessible(page)
        await page.goto(f"{url}/users/{bob}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such user")
