"""The examples of docs/live.md, run in Node with the clients they are about, through a connection that is cut."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.app import app_on
from api.settings import Settings
from db.pool import Access
from tests.credential import KEY
from tests.node import NEEDS_NODE
from tests.processes import ROOT
from tests.scripted import Paced, counted, paced
from tests.serving import serving
from tests.watching import begun_at

WRITTEN = re.findall(
    r"```js\n// ([\w-]+\.js)\n(.*?)```", (ROOT / "docs" / "live.md").read_text(), re.DOTALL
)
SNIPPETS = [name for name, text in WRITTEN if "function follow(" in text]

HALFWAY = re.compile(rb'[" ]50 ')

pytestmark = NEEDS_NODE


class Cutting:
    """A way to the server that is cut once, in the middle of an answer; `cuts` counts."""

    def __init__(self, url: str) -> None:
        self._port = urlsplit(url).port
        self.cuts = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        both = [
            asyncio.create_task(self._carry(reader, back)),
            asyncio.create_task(self._carry(there, writer, may_cut=True)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            for end in (writer, back):
                end.transport.abort()

    async def _carry(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        *,
        may_cut: bool = False,
    ) -> None:
        carried = b""
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
            carried += data
            if may_cut and not self.cuts and HALFWAY.search(carried):
                self.cuts += 1
                return


@asynccontextmanager
async def cutting(url: str) -> AsyncIterator[tuple[str, Cutting]]:
    way = Cutting(url)
    server = await asyncio.start_server(way, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"127.0.0.1:{port}", way


def written(folder: Path, address: str) -> Path:
    """The examples as files, with the address of the server and a credential in the place of the usual ones."""
    snippets = folder / "snippets" / address.rpartition(":")[2]
    snippets.mkdir(parents=True)
    for name, text in WRITTEN:
        here = text.replace("127.0.0.1:8000", address).replace("<key or token>", KEY)
        (snippets / name).write_text(here)
    return snippets


@pytest.mark.parametrize("snippet", SNIPPETS)
async def test_an_example_shows_the_whole_text_though_it_is_cut_off(
    installed: Path, reached: Access, snippet: str
) -> None:
    knobs = Settings(_env_file=None, model="paced", delta_pause=0.15)
    app = app_on(knobs, reached, models={"paced": Paced()}, observe=lambda _: None)
    async with serving(app, knobs) as url, cutting(url) as (address, way):
        folder = written(installed, address)
        try:
            id = await begun_at(url, paced(100, 0.03))
            node = await asyncio.create_subprocess_exec(
                "node", "run.js", str(folder / snippet), id,
                cwd=installed, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            async with asyncio.timeout(30):
                shown, said = await node.communicate()
        finally:
            shutil.rmtree(folder)
        assert shown.decode() == counted(100), said.decode()
        assert way.cuts == 1


def test_every_way_to_follow_has_an_example() -> None:
    assert SNIPPETS == [
        "apollo.js",
        "urql.js",
        "graphql-ws.js",
        "graphql-sse.js",
        "event-source.js",
        "fetch.js",
    ]
