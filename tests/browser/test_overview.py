"""The overview: what the server has done, drawn, told and tabled, and looked at again by itself."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.async_api import Page, Route, expect

from api.activity import histogram
from db import activity
from db.activity import Minute, ModelCounts, StoreSize
from db.pool import Access, Database, opened
from tests.browser.browsing import IN_CHROMIUM, NARROW, WIDE, assert_accessible
from tests.browser.conftest import Served, Visit
from tests.credential import AUTHORIZED, key_for
from tests.databases import run_sql
from tests.waiting import until
from tests.watching import ask

pytestmark = IN_CHROMIUM

COUNTING = "The first minute is being counted."
FIGURES = (
    "Requests per minute", "Answers per minute", "Retrieval time", "Time to the first word",
    "Users", "Contexts", "On disk",
)  # fmt: skip

NONE = "\N{EN DASH}"

UPSERT = 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'
ANSWER = """mutation($user: ID!) {
  generateResponse(input: { userId: $user, message: "Does Ada play chess?" }) { response { status } }
}"""
A_WHILE_AGO = "update {} set at = at - interval '10 minutes' where seconds = 60"


async def counted(db: Database, minutes: int = 20) -> None:
    """Each of the last minutes has something in it, the last one as well."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    for ago in range(1, minutes + 1):
        one = Minute(now - timedelta(minutes=ago), operations=30, errors=3, responses=2)
        for number in range(30):
            histogram.count(one.retrieval, 5 + number)
            histogram.count(one.first_token, 500 + 50 * number)
        one.store = StoreSize(100 - ago, 20_000 - 5 * ago, 40, 60_000_000 - 10_000 * ago)
        one.models = {"wise": ModelCounts("wise", 2, 1, 40_000, 900, 0.25)}
        await activity.add(db, one)


@pytest.fixture
async def lively(reached: Access) -> None:
    """There is something to draw."""
    async with opened(reached) as db:
        await counted(db)


async def assert_drawn(page: Page) -> None:
    """Every plot is there, and has its lines and its words."""
    for title in FIGURES:
        figure = page.get_by_role("figure", name=title)
        await expect(figure.locator("canvas")).to_be_visible()
        await expect(figure.locator("figcaption p")).to_have_text(re.compile(r"\d"))
    await assert_accessible(page)
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "the page is wider than the window"


@pytest.mark.usefixtures("seeded")
async def test_a_young_server_says_so_and_the_plots_come_by_themselves(
    served: Served, visit: Visit, reached: Access
) -> None:
    async with served() as url:
        page = await visit(url)
        await page.get_by_role("link", name="Overview").click()
        await expect(page.get_by_text(COUNTING)).to_be_visible()
        await expect(page.get_by_role("link", name="Ada Lovelace")).to_be_visible()
        await assert_accessible(page)
        async with opened(reached) as db:
            await counted(db)
        await expect(page.get_by_role("figure", name="Users")).to_be_visible(timeout=15_000)
        await expect(page.get_by_text(COUNTING)).to_be_hidden()


@pytest.mark.usefixtures("seeded", "lively")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
async def test_every_plot_is_drawn_told_and_accessible(
    served: Served, visit: Visit, size: tuple[int, int], theme: str
) -> None:
    async with served() as url:
        await assert_drawn(await visit(f"{url}/overview", size, theme))


async def test_what_is_shown_is_what_was_done(
    served: Served, visit: Visit, database_url: str
) -> None:
    async with served() as url:
        user = (await ask(url, UPSERT))["upsertUser"]["user"]["id"]
        await asyncio.gather(*(ask(url, ANSWER, user=user) for _ in range(3)))
        async with httpx.AsyncClient(headers=AUTHORIZED) as client:
            await client.post(f"{url}/graphql", json={"query": "{ nobody }"})
    # The next server has the minutes of this one, as if they were a while ago.
    for table in ("activity", "activity_of_models"):
        await run_sql(database_url, A_WHILE_AGO.format(table))
    async with served() as url:
        page = await visit(f"{url}/overview")
        requests = page.get_by_role("figure", name="Requests per minute")
        await expect(requests).to_contain_text("5 in all, 1 with an error (20%).")
        answers = page.get_by_role("figure", name="Answers per minute")
        await expect(answers).to_contain_text("3 in all, 0 failed (0%).")
        retrieval = page.get_by_role("figure", name="Retrieval time")
        await expect(retrieval).to_contain_text(re.compile(r"P95 was [\d.]+ m?s last"))
        models = page.get_by_role("row", name=re.compile("^extractive"))
        await expect(models.get_by_role("cell").first).to_have_text("3")
        await page.get_by_role("link", name="ada").click()
        await expect(page).to_have_url(f"{url}/users/{user}")


@pytest.mark.usefixtures("lively")
async def test_a_range_is_chosen_by_the_keyboard_and_survives_a_reload(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        page = await visit(f"{url}/overview")
        await page.get_by_role("radio", name="1 hour").focus()
        for range in ("day", "7 days"):
            await page.keyboard.press("ArrowRight")
            heading = page.get_by_role("heading", name=f"Models in the last {range}")
            await expect(heading).to_be_visible()
        await expect(page).to_have_url(f"{url}/overview?range=7d")
        await page.reload()
        await expect(page.get_by_role("radio", name="7 days")).to_be_checked()
        await expect(heading).to_be_visible()


@pytest.mark.usefixtures("lively")
async def test_until_another_range_is_there_the_one_before_stands_under_its_own_name(
    served: Served, visit: Visit
) -> None:
    may_go = asyncio.Event()

    async def held(route: Route) -> None:
        await may_go.wait()
        await route.continue_()

    async with served() as url:
        page = await visit(f"{url}/overview")
        hour = page.get_by_role("heading", name="Models in the last hour")
        await expect(hour).to_be_visible()
        await page.route("**/graphql", held)
        await page.get_by_role("radio", name="30 days").check()
        await expect(page.locator("[aria-busy=true]")).to_be_visible()
        await expect(hour).to_be_visible()
        may_go.set()
        await expect(page.get_by_role("heading", name="Models in the last 30 days")).to_be_visible()
        await expect(page.locator("[aria-busy=true]")).to_have_count(0)


@pytest.mark.usefixtures("lively")
async def test_what_was_seen_stays_while_the_server_is_away(served: Served, visit: Visit) -> None:
    async with served() as url:
        page = await visit(url, may_say="ERR_INTERNET_DISCONNECTED")
        await page.clock.install()
        await page.goto(f"{url}/overview")
        await expect(page.get_by_role("figure", name="Users")).to_be_visible()
        await page.context.set_offline(True)
        await page.clock.fast_forward(61_000)
        await expect(page.get_by_role("alert")).to_contain_text("may be old")
        await expect(page.get_by_role("figure", name="Users")).to_be_visible()
        await page.context.set_offline(False)
        await page.clock.fast_forward(61_000)
        await expect(page.get_by_role("alert")).to_be_hidden()


@pytest.mark.usefixtures("lively")
async def test_the_values_of_a_plot_can_be_read_with_their_units(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        page = await visit(f"{url}/overview")
        figure = page.get_by_role("figure", name="Retrieval time")
        await figure.get_by_text("Values").click()
        rows = figure.get_by_role("row")
        assert await rows.count() == 61
        heads = await rows.first.get_by_role("columnheader").all_inner_texts()
        assert heads == ["From", "P50", "P95", "P99"]
        told = await rows.nth(55).get_by_role("cell").all_inner_texts()
        assert all(re.fullmatch(r"[\d.]+ ms", one) for one in told[1:]), told
        assert await rows.nth(1).get_by_role("cell").nth(1).inner_text() == NONE
        await assert_accessible(page)
        disk = page.get_by_role("figure", name="On disk")
        await expect(disk).to_contain_text(re.compile(r"60 MB, \d+ kB more than at the beginning"))
        await expect(page.get_by_role("row", name=re.compile("^wise"))).to_contain_text("$5.00")


@pytest.mark.usefixtures("lively")
async def test_plots_are_redrawn_in_other_colours_and_at_another_size(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        page = await visit(f"{url}/overview")
        canvas = page.locator("canvas").first
        await expect(canvas).to_be_visible()
        light = await canvas.evaluate("it => it.toDataURL()")
        await page.get_by_role("button", name="Show in dark colours").click()
        assert await canvas.evaluate("it => it.toDataURL()") != light
        wide = await canvas.evaluate("it => it.clientWidth")
        await page.set_viewport_size({"width": 360, "height": 740})
        await page.wait_for_function("was => document.querySelector('canvas').clientWidth < was", arg=wide)  # fmt: skip
        await assert_drawn(page)


@pytest.mark.usefixtures("lively")
async def test_it_looks_again_each_minute_while_somebody_looks(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        page = await visit(url)
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.post_data or ""))

        def looks() -> int:
            return sum("query Activity" in one for one in asked)

        await page.clock.install()
        await page.goto(f"{url}/overview")
        await expect(page.get_by_role("figure", name="Users")).to_be_visible()
        before = looks()
        await page.clock.fast_forward(61_000)
        await until(lambda: looks() == before + 1)
        await seen(page, "hidden")
        await page.clock.fast_forward(600_000)
        await page.evaluate("1")
        assert looks() == before + 1
        await seen(page, "visible")
        await until(lambda: looks() == before + 2)


async def seen(page: Page, state: str) -> None:
    """As if another tab were looked at, or this one again."""
    await page.evaluate(
        """state => {
            Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


async def test_a_user_is_told_that_it_is_not_for_them(
    served: Served, visit: Visit, db: Database
) -> None:
    async with served(own_key=await key_for(db, "ada")) as url:
        page = await visit(f"{url}/overview")
        await expect(page.get_by_role("alert")).to_contain_text("FORBIDDEN")
        await expect(page.get_by_role("link", name="Overview")).to_be_hidden()
