"""GraphiQL: what it opens with runs as it is, what it keeps holds no key, and it looks as the console does."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from playwright.async_api import Page, WebSocket, expect

from api.allowed import limits, tuning
from api.seed import answer_all, seed_all
from api.settings import Settings
from db.pool import Access, opened
from tests.browser.browsing import IN_CHROMIUM, assert_accessible
from tests.browser.conftest import Served, Visit
from tests.browser.graphiql import (
    choose,
    graphiql,
    knows_the_graph,
    run,
    shown,
    text_of,
    write,
)
from tests.credential import KEY
from tests.issuing import SECRET, token
from tests.scripted import Scripted

pytestmark = IN_CHROMIUM

UNKNOWN = "cql_0000000000_" + "0" * 48

IS_KEPT = """(tab) => JSON.parse(localStorage["graphiql:tabState"]).activeTabIndex === tab"""
"""GraphiQL writes half a second after what it writes has changed."""

OF_GRAPHIQL = {
    # A tab holds the button that closes it.
    "nested-interactive": ".graphiql-tab",
    # The button of what was run is called "Set active", and not by its name.
    "label-content-name-mismatch": ".graphiql-history-item-label",
}
"""What axe finds in GraphiQL 5.4 itself: the rule, and where."""


async def kept(page: Page) -> str:
    return str(await page.evaluate("JSON.stringify([localStorage, document.cookie])"))


@pytest.fixture
async def answered(reached: Access, seeded: None) -> None:
    """Their questions are answered as well."""
    settings = Settings(_env_file=None)
    async with opened(reached) as db:
        await answer_all(db, tuning(settings), limits(settings))


@pytest.mark.usefixtures("answered")
async def test_each_starter_tab_runs_as_it_is_on_the_users_of_make_seed(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        page = await graphiql(visit, url)
        await run(page)
        user = (await shown(page, "Ada Lovelace"))["data"]["user"]
        assert user["contexts"]["totalCount"] >= 5
        assert user["conversations"]["edges"][0]["node"]["turns"]["edges"]

        await choose(page, "ItsReceipt")
        await run(page)
        receipt = (await shown(page, "Which substance"))["data"]["response"]
        assert receipt["grounding"]["items"][0]["included"]
        assert "penicillin" in receipt["citations"][0]["item"]["context"]["text"]

        await choose(page, "LiveResponse")
        await run(page, "LiveResponse")
        told = (await shown(page, "ResponseCompleted"))["data"]["responseEvents"]
        assert told["response"]["text"] == receipt["text"]

        await choose(page, "GroundedAnswer")
        await run(page)
        response = (await shown(page, "COMPLETED"))["data"]["generateResponse"]["response"]
        assert "Hotel Astoria" in response["citations"][0]["item"]["context"]["text"]

        await choose(page, "ItsReceipt")
        assert json.loads(await text_of(page, "variables.json")) == {"response": response["id"]}
        await run(page)
        receipt = (await shown(page, "Where do I stay"))["data"]["response"]
        assert receipt["grounding"]["items"][0].keys() >= {"reason", "score", "included"}
        assert "Hotel Astoria" in receipt["grounding"]["prompt"][0]["text"]

        await choose(page, "LiveResponse")
        await run(page, "LiveResponse")
        told = (await shown(page, "ResponseCompleted"))["data"]["responseEvents"]
        assert told["response"]["text"] == response["text"]
        assert KEY not in await kept(page)


@pytest.mark.usefixtures("seeded")
async def test_a_live_response_arrives_event_by_event_over_a_websocket(
    served: Served, visit: Visit
) -> None:
    second, third = asyncio.Event(), asyncio.Event()
    model = Scripted(["In Hotel ", second, "Astoria, ", third, "for three nights."])
    async with served({"scripted": model}, model="scripted") as url:
        page = await graphiql(visit, url)
        sockets: list[WebSocket] = []
        # Playwright marks what it calls, and a list's own method cannot be marked.
        page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108
        await choose(page, "LiveResponse")
        await run(page, "StartLiveResponse")
        started = (await shown(page, "PENDING"))["data"]["startResponse"]["response"]["id"]
        variables = json.loads(await text_of(page, "variables.json"))
        assert variables["response"] == started
        await run(page, "LiveResponse")
        for number, words, gate in ((2, "In Hotel ", second), (3, "Astoria, ", third)):
            told = await shown(page, words)
            assert told["data"]["responseEvents"] == {
                "__typename": "ResponseDelta",
                "seq": number,
                "text": words,
            }
            gate.set()
        told = await shown(page, "ResponseCompleted")
        assert told["data"]["responseEvents"]["response"]["text"] == (
            "In Hotel Astoria, for three nights."
        )
        assert [socket.url for socket in sockets] == [f"ws{url.removeprefix('http')}/graphql"]
        await expect(page.get_by_role("button", name="Execute query")).to_be_visible()


@pytest.mark.usefixtures("seeded")
async def test_what_one_writes_is_completed_held_against_the_graph_and_made_pretty(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        page = await graphiql(visit, url, theme="dark")
        await page.get_by_role("button", name="New tab").click()
        await write(page, "Operation Editor", '{user(by:{externalId:"ada"}){name nam')
        await page.keyboard.press("Control+Space")
        await expect(page.locator(".suggest-widget")).to_contain_text("name")
        await page.keyboard.press("Escape")
        await expect(page.locator(".squiggly-error").first).to_be_visible()
        await write(page, "Operation Editor", '{user(by:{externalId:"ada"}){name}}')
        await expect(page.locator(".squiggly-error")).to_have_count(0)
        await page.get_by_role("button", name="Prettify query").click()
        pretty = re.compile(r'by:\s\{externalId:\s"ada"\}')
        await expect(page.get_by_label("Operation Editor")).to_contain_text(pretty)
        await run(page)
        assert (await shown(page, "Ada"))["data"] == {"user": {"name": "Ada Lovelace"}}


@pytest.mark.usefixtures("seeded")
async def test_one_reads_the_documentation_and_history_in_the_theme_that_one_has_chosen(
    served: Served, visit: Visit
) -> None:
    async with served() as url:
        page = await graphiql(visit, url, theme="light")
        await assert_accessible(page, but=OF_GRAPHIQL)
        await run(page)
        await shown(page, "Ada Lovelace")
        await page.get_by_role("button", name="Show Documentation Explorer").click()
        await assert_accessible(page, but=OF_GRAPHIQL)
        await page.get_by_role("combobox").click()
        await page.keyboard.type("Context")
        await page.get_by_role("option", name="Context", exact=True).click()
        documentation = page.get_by_role("region", name="Documentation Explorer")
        await expect(documentation).to_contain_text("expiresAt")
        await page.get_by_role("button", name="Show History").click()
        history = page.get_by_role("region", name="History")
        await expect(history).to_contain_text("UserWithContexts")

        await page.get_by_role("button", name="Open settings dialog").click()
        await page.get_by_role("button", name="Dark").click()
        await assert_accessible(page, but=OF_GRAPHIQL)
        await page.keyboard.press("Escape")
        await assert_accessible(page, but=OF_GRAPHIQL)
        await page.get_by_role("link", name="ContextQL console").click()
        await expect(page.get_by_role("link", name="Ada Lovelace")).to_be_visible()
        await expect(page.locator("html")).to_have_css("background-color", "rgb(20, 23, 26)")
        await page.get_by_role("button", name="Show in light colours").click()
        await page.get_by_role("link", name="GraphiQL").click()
        await knows_the_graph(page)
        await expect(page.locator("body")).to_have_class(re.compile("graphiql-light"))


@pytest.mark.usefixtures("seeded")
async def test_what_is_typed_as_a_header_counts_more_than_the_key_and_neither_is_kept(
    served: Served, visit: Visit
) -> None:
    async with served(own_key=None) as url:
        page = await visit(f"{url}/graphql", may_say="401|4403")
        await assert_accessible(page)
        await page.get_by_label("API key or token").fill(UNKNOWN)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("alert")).to_contain_text("UNAUTHENTICATED")
        await page.get_by_label("API key or token").fill(KEY)
        await page.get_by_role("button", name="Sign in").click()
        await knows_the_graph(page)
        await run(page)
        await shown(page, "Ada Lovelace")
        await write(page, "Headers", json.dumps({"authorization": f"Bearer {UNKNOWN}"}))
        await run(page)
        await shown(page, "UNAUTHENTICATED")
        await choose(page, "GroundedAnswer")
        await page.wait_for_function(IS_KEPT, arg=1)
        assert KEY not in await kept(page)
        assert UNKNOWN not in await kept(page)
        await page.reload()
        await knows_the_graph(page)
        await choose(page, "UserWithContexts")
        assert await text_of(page, "request-headers.json") == ""
        await run(page)
        await shown(page, "Ada Lovelace")


async def test_where_nobody_is_stored_the_tabs_say_what_to_do_and_fit_once_it_is_done(
    served: Served, visit: Visit, reached: Access
) -> None:
    async with served() as url:
        page = await graphiql(visit, url)
        assert "run\n# `make seed` first" in await text_of(page, "operation.graphql")
        async with opened(reached) as db:
            await seed_all(db)
        await page.reload()
        await knows_the_graph(page)
        assert "make seed" not in await text_of(page, "operation.graphql")
        await run(page)
        await shown(page, "Ada Lovelace")
        for tab in ("GroundedAnswer", "ItsReceipt"):
            await choose(page, tab)
            await run(page)
            await shown(page, "Hotel Astoria")
        await page.wait_for_function(IS_KEPT, arg=2)
        await page.reload()
        await knows_the_graph(page)
        assert "query ItsReceipt" in await text_of(page, "operation.graphql")
        assert await page.get_by_role("tab").count() == 4


@pytest.mark.usefixtures("seeded")
async def test_with_the_token_of_a_user_the_tabs_are_about_that_user(
    served: Served, visit: Visit
) -> None:
    async with served(own_key=None, jwt_secret=SECRET) as url:
        page = await visit(f"{url}/graphql")
        await page.get_by_label("API key or token").fill(token(sub="grace"))
        await page.get_by_role("button", name="Sign in").click()
        await knows_the_graph(page)
        await run(page)
        await shown(page, "Grace Hopper")
        await choose(page, "GroundedAnswer")
        await run(page)
        await shown(page, "COMPLETED")
