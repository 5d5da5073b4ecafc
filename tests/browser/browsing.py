"""Debian's Chromium, led by Playwright, and what it must not do: complain, or ask another host."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

from api.door.pages import BUILT
from tests.processes import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

DISABLED = (
    # A second page of Chromium's own for every window, which takes longer to load than ours do.
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    # What Playwright disables: of two such lists Chromium takes the last.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)

FLAGS = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    f"--disable-features={','.join(DISABLED)}",
)

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"

WIDE = (1280, 800)
NARROW = (360, 740)

FOUND = """async (but) => {
    const { violations } = await axe.run();
    const ours = (rule) => ({ target }) =>
        !(rule in but) || !document.querySelector(target[0]).matches(but[rule]);
    return violations
        .map(({ impact, id, nodes }) => [impact, id, nodes.filter(ours(id)).map((node) => node.html)])
        .filter(([, , nodes]) => nodes.length);
}"""

IN_CHROMIUM = [
    # In CI nothing may be missing: what is skipped there is never seen.
    pytest.mark.skipif(
        not os.environ.get("CI") and not (CHROMIUM and (BUILT / "index.html").exists()),
        reason="there is no Chromium here, or the pages are not built",
    ),
    # In the loop of the one browser that they share.
    pytest.mark.asyncio(loop_scope="session"),
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser with nothing in it yet."""
    assert CHROMIUM, "install Chromium: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS, chromium_sandbox=False
        )
        try:
            yield browser
        finally:
            await browser.close()


class Watched:
    """A page of which all is kept that it should not have said or asked; `may_say` is a pattern of what it may."""

    def __init__(self, page: Page, host: str, may_say: str) -> None:
        self.page = page
        self.said: list[str] = []
        self.elsewhere: list[str] = []
        self._host = host
        self._may_say = may_say
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not re.search(self._may_say, message.text):
            self.said.append(message.text)

    def _see(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme not in {"data", "blob"} and url.netloc != self._host:
            self.elsewhere.append(request.url)


@cache
def axe() -> str:
    return AXE.read_text()


async def assert_accessible(page: Page, but: Mapping[str, str] | None = None) -> None:
    """axe finds nothing serious on the page, as it stands, but what is excepted: selectors by rule."""
    # By this way the policy of the page does not forbid it.
    await page.evaluate(axe())
    found = await page.evaluate(FOUND, but or {})
    serious = [one for one in found if one[0] in {"serious", "critical"}]
    assert serious == [], serious
