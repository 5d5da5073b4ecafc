"""Backup and restore with the commands of docs/operations.md, as they stand there: the graph answers the same."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from api.app import create_app
from api.settings import Settings
from db import migration
from db.embedded import Embedded, embedded, programs
from db.pool import Access, opened
from tests.credential import AUTHORIZED, bearing, key_for, let_in
from tests.planted import Planted, over_http, planted
from tests.processes import ROOT, environment
from tests.serving import serving

PAGE = (ROOT / "docs" / "operations.md").read_text()

KEPT = """query($id: ID!) { user(by: { id: $id }) {
  externalId name metadata createdAt updatedAt profile { content version }
  contexts(first: 20, filter: { includeInactive: true }) { totalCount edges { node {
    id contextType content metadata version isActive createdAt updatedAt
    versions(first: 5) { edges { node { version content validFrom validTo } } }
  } } }
  conversations(first: 5) { totalCount edges { node { title metadata version responses(first: 5) { edges { node {
    id text status model grounding { items { context { id } score } }
  } } } } } }
  search(query: "swims", first: 5) { edges { node { id } } }
} }"""


def commands(section: str) -> list[str]:
    """The blocks of commands under this heading, in their order."""
    text = PAGE.split(f"### {section}\n", 1)[1].split("\n#", 1)[0]
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


def run(script: str, folder: Path, **variables: str) -> str:
    """What the commands say, run from that folder as a person would; they have to succeed."""
    paths = [str(Path(sys.executable).parent), variables.pop("PROGRAMS", ""), os.environ["PATH"]]
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={**environment(), "PATH": ":".join(filter(None, paths)), **variables},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Before:
    """Two users with something in everything, a key of one of them, and what the graph says of it all."""

    def __init__(self, users: Mapping[str, Planted], key: str, said: Mapping[str, Any]) -> None:
        self.users, self.key, self.said = users, key, said


def app(url: str) -> Any:
    return create_app(Settings(_env_file=None, shutdown_grace=0), url, observe=lambda _: None)


async def filled(url: str) -> Before:
    await asyncio.to_thread(migration.upgrade, url)
    await let_in(url)
    async with opened(Access(url=url)) as db, serving(app(url), Settings(_env_file=None)) as at:
        async with httpx.AsyncClient(base_url=at, headers=AUTHORIZED, timeout=30) as client:
            ask = over_http(client)
            users = {name: await planted(ask, name) for name in ("ada", "bob")}
            said = {name: await ask(KEPT, id=one.user) for name, one in users.items()}
        return Before(users, await key_for(db, "ada"), said)


async def is_as_before(url: str, before: Before) -> None:
    """The same answers, the same keys, and the same walls; and it goes on being written to."""
    await migration.require_walls(url)
    async with serving(app(url), Settings(_env_file=None)) as at:
        async with httpx.AsyncClient(base_url=at, headers=AUTHORIZED, timeout=30) as client:
            ask = over_http(client)
            for name, one in before.users.items():
                assert await ask(KEPT, id=one.user) == before.said[name]
        own = httpx.AsyncClient(base_url=at, headers=bearing(before.key), timeout=30)
        async with own as client:
            ask = over_http(client)
            mine, others = before.users["ada"], before.users["bob"]
            assert (await ask(KEPT, id=mine.user)) == before.said["ada"]
            assert (await ask("query($id: ID!) { node(id: $id) { id } }", id=others.context)) == {
                "node": None
            }
            store = """mutation($input: CreateContextInput!) {
              createContext(input: $input) { context { version } } }"""
            content = {"text": "One more."}
            made = {"userId": mine.user, "contextType": "knowledge", "content": content}
            assert await ask(store, input=made) == {"createContext": {"context": {"version": 1}}}


async def test_the_embedded_database_comes_back_from_a_dump_and_from_a_cold_copy(
    tmp_path: Path,
) -> None:
    old, new, cold = (tmp_path / name for name in ("old", "new", "cold"))
    dump, restore, copy = commands("The embedded database")
    key = "cql_0123456789_" + "ab" * 24
    with embedded(old) as server:
        before = await filled(server.url)
        (old / "service-key").write_text(f"{key}\n")
        await asyncio.to_thread(run, dump, tmp_path, CONTEXTQL_DATA_DIR=str(old))
    said = await asyncio.to_thread(
        run, restore, tmp_path, CONTEXTQL_DATA_DIR=str(old), NEW_DATA_DIR=str(new)
    )
    assert "ok    walls" in said
    assert (new / "service-key").read_text() == f"{key}\n"
    with embedded(new) as server:
        await is_as_before(server.url, before)
    await asyncio.to_thread(
        run, copy, tmp_path, CONTEXTQL_DATA_DIR=str(old), COLD_DATA_DIR=str(cold)
    )
    with embedded(cold) as server:
        await is_as_before(server.url, before)


async def test_an_external_database_comes_back_on_a_server_that_has_never_seen_it(
    tmp_path: Path,
) -> None:
    dump, restore = commands("An external database")
    with embedded(tmp_path / "a") as a, embedded(tmp_path / "b") as b:
        before = await filled(a.url)
        tools = {"PROGRAMS": str(programs(tmp_path / "a" / "postgres"))}
        await asyncio.to_thread(run, dump, tmp_path, CONTEXTQL_DATABASE_URL=a.url, **tools)
        said = await asyncio.to_thread(run, restore, tmp_path, NEW_DATABASE_URL=b.url, **tools)
        assert "ok    walls" in said
        await is_as_before(b.url, before)


async def test_a_dump_that_was_restored_without_the_role_does_not_serve(tmp_path: Path) -> None:
    (dump, restore) = commands("An external database")
    with embedded(tmp_path / "a") as a, embedded(tmp_path / "b") as b:
        await asyncio.to_thread(migration.upgrade, a.url)
        tools = {"PROGRAMS": str(programs(tmp_path / "a" / "postgres"))}
        await asyncio.to_thread(run, dump, tmp_path, CONTEXTQL_DATABASE_URL=a.url, **tools)
        _, pg_restore, *_ = restore.splitlines()
        refused = await asyncio.to_thread(without_role, pg_restore, tmp_path, b, tools)
        assert "contextql_viewer" in refused


def without_role(pg_restore: str, folder: Path, server: Embedded, tools: Mapping[str, str]) -> str:
    """What a server says that finds the tables without the role."""
    careless = pg_restore.replace("--single-transaction --exit-on-error", "") + " || true"
    run(careless, folder, NEW_DATABASE_URL=server.url, **tools)
    return run("contextql serve 2>&1 || true", folder, CONTEXTQL_DATABASE_URL=server.url)
