"""GraphiQL, led as a person leads it: its tabs, its run button, and what its editors hold."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import Page, expect
from playwright.async_api import TimeoutError as TookTooLong

from tests.browser.conftest import Visit

# Monaco draws only those lines that are in sight.
TEXT = """(name) => __MONACO.editor.getModels().find((model) => model.uri.path.endsWith(name)).getValue()"""

IS_READ = """() => {
    const asked = __MONACO.editor.getModels().find((model) => model.uri.path.endsWith("operation.graphql"));
    return localStorage.getItem("graphiql:query") === asked.getValue();
}"""

IS_SHOWN = """(told) => {
    const answer = __MONACO.editor.getModels().find((model) => model.uri.path.endsWith("response.json"));
    return answer.getValue().includes(told);
}"""


ARE_DRAWN = """() => window.__MONACO?.editor.getEditors().length >= 4"""


async def graphiql(visit: Visit, url: str, **wishes: Any) -> Page:
    """The page, once it knows the graph."""
    page = await visit(f"{url}/graphql", **wishes)
    await knows_the_graph(page)
    return page


async def knows_the_graph(page: Page) -> None:
    await expect(page.get_by_role("button", name="Execute query")).to_be_visible()
    await expect(page.get_by_role("button", name="Re-fetch GraphQL schema")).to_be_enabled()
    # Until all editors are there, its button does nothing.
    await page.wait_for_function(ARE_DRAWN)


async def text_of(page: Page, editor: str) -> str:
    """What stands in `operation.graphql`, `variables.json`, `request-headers.json` or `response.json`."""
    return str(await page.evaluate(TEXT, editor))


async def choose(page: Page, tab: str) -> None:
    await page.get_by_role("tab", name=tab).get_by_role("button", name=tab).click()
    await expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
    # A moment later it has read which operations there are, and writes down what it has read.
    await page.wait_for_function(IS_READ)


async def run(page: Page, operation: str | None = None) -> None:
    """Press the button; where a tab has several operations it asks which."""
    await page.get_by_role("button", name="Execute query").click()
    if operation:
        await page.get_by_role("menuitem", name=operation, exact=True).click()


async def shown(page: Page, told: str) -> Any:
    """The answer, once this stands in it."""
    try:
        await page.wait_for_function(IS_SHOWN, arg=told)
    except TookTooLong as error:
        raise AssertionError(await text_of(page, "response.json")) from error
    return json.loads(await text_of(page, "response.json"))


async def write(page: Page, editor: str, text: str) -> None:
    """Put this in place of all that stands in `Operation Editor`, `Variables` or `Headers`."""
    if editor in {"Variables", "Headers"}:
        await page.get_by_role("button", name=editor, exact=True).click()
    lines = page.get_by_label(editor, exact=True).locator(
        ".graphiql-editor:not(.hidden) .view-lines"
    )
    await lines.click()
    await page.keyboard.press("Control+A")
    await page.keyboard.press("Delete")
    await page.keyboard.insert_text(text)
