"""`python -m tests.browser.pictures FOLDER`: every page, wide and narrow, light and dark, on the data of the seed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from playwright.async_api import Browser, expect

from tests.browser.browsing import NARROW, chromium
from tests.processes import ROOT, Afresh, environment

SIZES = {"wide": (1280, 1000), "narrow": NARROW}
THEMES = ("light", "dark")

ADA = """{
  user(by: { externalId: "ada" }) {
    id
    contexts(first: 1, filter: { contextTypes: ["knowledge"] }) {
      edges { node { id version content } }
    }
    conversations(first: 10) { edges { node { id title } } }
  }
}"""

UPDATE = """mutation ($input: UpdateContextInput!) {
  updateContext(input: $input) { context { id } }
}"""


def asked(server: Afresh, key: str, query: str, **variables: Any) -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx.post(
        server.url, json={"query": query, "variables": variables}, headers=headers, timeout=30
    )
    return answer.json()["data"]


def addresses(server: Afresh, key: str) -> dict[str, str]:
    """The pages, by name; one context is changed, so that it has a history."""
    ada = asked(server, key, ADA)["user"]
    known = ada["contexts"]["edges"][0]["node"]
    content = {**known["content"], "checked": True}
    change = {"id": known["id"], "expectedVersion": known["version"], "content": content}
    asked(server, key, UPDATE, input=change)
    talks = {one["node"]["title"]: one["node"]["id"] for one in ada["conversations"]["edges"]}
    return {
        "users": "/users",
        "user": f"/users/{ada['id']}",
        "context": f"/users/{ada['id']}/contexts/{known['id']}?version={known['version']}",
        "conversation": f"/conversations/{talks['Before the flight']}",
        "overview": "/overview",
        "graphiql": "/graphql",
    }


async def picture(browser: Browser, url: str, file: Path, size: str, theme: str) -> None:
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,  # type: ignore[arg-type]  # one of its words
        locale="en-GB",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(url)
    await expect(page.get_by_text("being loaded")).to_have_count(0)
    # An editor draws itself after all is there.
    await page.wait_for_timeout(3000 if "graphql" in url else 700)
    await page.evaluate("scrollTo(0, 0)")
    await page.screenshot(path=file)
    await context.close()


async def pictures(folder: Path, address: str, pages: dict[str, str]) -> None:
    async with chromium() as browser:
        for name, path in pages.items():
            for size in SIZES:
                for theme in THEMES:
                    file = folder / f"{name}-{size}-{theme}.png"
                    await picture(browser, f"{address}{path}", file, size, theme)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as data:
        server = Afresh(DATA_DIR=data)
        seed = [sys.executable, "-m", "api", "seed"]
        subprocess.run(seed, env=environment(DATA_DIR=data), cwd=ROOT, check=True)
        key = (Path(data) / "service-key").read_text().strip()
        asyncio.run(pictures(folder, server.address, addresses(server, key)))
        server.stopped()


if __name__ == "__main__":
    main()
