"""A conversation: an answer arrives, stays through what may happen to a page, and shows what it rests on."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import expect

from tests.browser.browsing import IN_CHROMIUM, NARROW, assert_accessible
from tests.browser.conftest import Served, Visit
from tests.browser.talking import an_answer, conversation_of, sign_in
from tests.processes import paced_server
from tests.scripted import Paced, Scripted, counted, paced
from tests.watching import begun_at

pytestmark = IN_CHROMIUM

ARRIVING = "The answer is arriving"


async def test_an_answer_and_its_receipt_to_the_version_and_the_prompt(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        id = await an_answer(url, "Where does Ada stay in Copenhagen?")
        page = await visit(f"{url}/conversations/{id}")
        receipt = page.get_by_label("Receipt", exact=True)
        await expect(receipt).to_contain_text(re.compile(r"\d+ of 2,000 tokens"))
        await expect(receipt).to_contain_text("In: it matches the message.")
        await page.get_by_role("button", name="[2: knowledge").click()
        await expect(receipt.locator(".cited")).to_contain_text("Hotel Astoria in Copenhagen")
        version = receipt.locator(".cited").get_by_role("link", name="Version 1")
        await expect(version).to_have_attribute(
            "href", re.compile(r"/users/[\w-]+/contexts/[\w-]+\?version=1")
        )
        await assert_accessible(page)
        await page.get_by_role("button", name="The exact prompt").click()
        dialog = page.get_by_role("dialog", name="The exact prompt")
        await expect(dialog).to_contain_text("Where does Ada stay in Copenhagen?")
        await assert_accessible(page)
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()


async def test_what_is_answered_elsewhere_shows_itself(served: Served, visit: Visit) -> None:
    async with served() as url:
        id = await an_answer(url, "Where does Ada live?")
        page = await visit(f"{url}/conversations/{id}")
        await expect(page.get_by_role("article")).to_have_count(1)
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        await an_answer(url, "Where does Ada stay?", conversationId=id)
        await expect(
            page.get_by_role("article", name="Answer to: Where does Ada stay?")
        ).to_be_visible()


async def test_one_asks_with_a_budget_and_rates_by_keyboard(served: Served, visit: Visit) -> None:
    async with served() as url:
        id = await an_answer(url, "Where does Ada live?")
        page = await visit(f"{url}/conversations/{id}", size=NARROW, theme="dark")
        await page.get_by_text("Model and budget").click()
        await page.get_by_label("Token budget").fill("220")
        await page.get_by_label("Message").fill("What is new about the telescope?")
        await page.keyboard.press("Enter")
        answer = page.get_by_role("article", name="Answer to: What is new about the telescope?")
        await expect(answer).to_contain_text("new lens from Jena")
        await expect(answer).to_contain_text("of 220 tokens")
        await answer.get_by_text("Considered and left out").click()
        await expect(answer).to_contain_text("Out: ")
        star = answer.get_by_role("button", name="4 stars")
        await star.focus()
        await page.keyboard.press("Space")
        await expect(star).to_have_attribute("aria-pressed", "true")
        await answer.get_by_role("button", name="Add a comment").click()
        await answer.get_by_label("Comment").fill("It could be shorter.")
        await page.keyboard.press("Enter")
        await expect(answer).to_contain_text("“It could be shorter.”")
        await page.reload()
        await expect(answer.get_by_role("button", name="4 stars")).to_have_attribute(
            "aria-pressed", "true"
        )
        await expect(answer).to_contain_text("“It could be shorter.”")
        assert await page.evaluate("document.documentElement.scrollWidth") == NARROW[0]
        await assert_accessible(page)


async def test_an_answer_that_arrives_survives_a_reload_and_is_cancelled(
    served: Served, visit: Visit
) -> None:
    async with served({"paced": Paced()}, model="paced") as url:
        id = await conversation_of(url, await begun_at(url, paced(2000, 0.05)))
        page = await visit(f"{url}/conversations/{id}")
        answer = page.get_by_role("article")
        await expect(answer).to_contain_text(ARRIVING)
        await expect(answer).to_contain_text("1 2 3 4 5 6")
        await expect(page.get_by_label("Receipt", exact=True)).to_contain_text("of 2,000 tokens")
        await assert_accessible(page)
        await page.reload()
        await expect(answer).to_contain_text("1 2 3 4 5 6 7 8 9 10 11 12")
        await answer.get_by_role("button", name="Cancel").click()
        await expect(answer).to_contain_text("Cancelled")
        await expect(answer).not_to_contain_text(ARRIVING)
        said = await answer.locator(".answer .said").inner_text()
        assert counted(2000).startswith(said)
        await expect(answer.get_by_role("group", name="Your rating")).to_be_visible()


async def test_an_answer_goes_on_through_the_restart_of_the_server_that_tells_it(
    database_url: str, visit: Visit
) -> None:
    with paced_server(database_url) as other:
        with paced_server(database_url) as server:
            address = server.address
            id = await conversation_of(other.address, await begun_at(other.address, paced(80, 0.1)))
            page = await visit(address, may_say="WebSocket|ERR_|fetch")
            await sign_in(page)
            await page.goto(f"{address}/conversations/{id}")
            answer = page.get_by_role("article")
            await expect(answer).to_contain_text("1 2 3 4 5")
            server.killed()
        await asyncio.sleep(0.5)
        with paced_server(database_url, PORT=address.rpartition(":")[2]):
            said = answer.locator(".answer .said")
            await expect(said).to_have_text(re.compile(r" 80\s*$"), timeout=30_000)
            await expect(answer).not_to_contain_text(ARRIVING)
            assert (await said.inner_text()).split() == counted(80).split()


async def test_an_answer_that_fails_says_why_and_keeps_what_was_said(
    served: Served, visit: Visit
) -> None:
    models = {"scripted": Scripted(["Ada stays", RuntimeError("the provider is in flames")])}
    async with served(models, model="scripted") as url:
        id = await conversation_of(url, await begun_at(url, "Where?"))
        page = await visit(f"{url}/conversations/{id}")
        answer = page.get_by_role("article")
        await expect(answer).to_contain_text("Ada stays")
        await expect(answer).to_contain_text("INTERNAL")
        await expect(answer).not_to_contain_text("flames")
        missing = await visit(f"{url}/conversations/{id[:-4]}AAAA")
        await expect(missing.get_by_role("heading", level=1)).to_contain_text(
            "no such conversation"
        )
