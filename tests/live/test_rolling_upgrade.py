"""The tables are brought to a newer version under a server of the older one, which goes on, and may start again."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from db import revisions
from tests.databases import run_sql
from tests.processes import ROOT, Serving, environment
from tests.watching import ask, begun_at

EXPANDS = """
    alter table contexts add column mood text;
    alter table responses add column stars integer;
    alter table users add column motto text not null default 'none';
    create table moods (user_id uuid not null references users (id) on delete cascade, mood text not null);
    create index contexts_by_mood on contexts (user_id, mood);
"""
CONTRACTS = "alter table contexts drop column mood; alter table responses drop column stars"

IS_CHANGED = """
select exists (
    select from pg_locks where relation = 'contexts'::regclass and mode = 'AccessExclusiveLock' and granted
)
"""

WORK = """
mutation ($user: String!) {
  upsertUser(input: { externalId: $user }) { user { id contexts { totalCount } } }
}
"""
WRITE = """
mutation ($id: ID!) {
  createContext(input: { userId: $id, contextType: "knowledge", content: { text: "Ada plays chess." } }) {
    context { id version }
  }
}
"""
READ = """
query ($id: ID!) {
  user(by: { id: $id }) {
    contexts(first: 2) { totalCount edges { node { content } } }
    search(query: "chess", first: 2) { edges { node { id } } }
  }
}
"""


def newer(folder: Path, revision: str, statements: str, *, served_from: str, after: str) -> None:
    """A newer version of the code in that folder, with one migration more."""
    if not folder.exists():
        for room in ("api", "db"):
            shutil.copytree(
                ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__")
            )
    (folder / "db" / "migrations" / "versions" / f"{revision}_newer.py").write_text(
        "from alembic import op\n"
        f'revision = "{revision}"\ndown_revision = "{after}"\nserved_from = "{served_from}"\n'
        f"def upgrade():\n    for one in {statements!r}.split(';'):\n"
        "        if one.strip():\n            op.execute(one)\n"
        "def downgrade():\n    pass\n"
    )


async def migrated(folder: Path, database_url: str) -> subprocess.CompletedProcess[str]:
    """`contextql migrate`, of the version in that folder."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "api", "migrate"],
        env={**environment(DATABASE_URL=database_url), "PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


async def checks(address: str) -> tuple[int, Any]:
    async with httpx.AsyncClient() as client:
        ready = await client.get(f"{address}/readyz")
    return ready.status_code, ready.json()["checks"]


async def until_migrations_are(address: str, words: str) -> int:
    """The status of readiness, once the tables stand like that to the code."""
    async with asyncio.timeout(10):
        while True:
            status, found = await checks(address)
            if str(found["migrations"]["reason"]).startswith(words):
                return status
            await asyncio.sleep(0.05)


async def work(address: str, done: asyncio.Event) -> int:
    """Write, read, search and answer until it is enough; how often. An error of an answer is raised."""
    times = 0
    user = (await ask(address, WORK, user="ada"))["upsertUser"]["user"]["id"]
    while not done.is_set():
        await ask(address, WRITE, id=user)
        found = (await ask(address, READ, id=user))["user"]
        assert found["contexts"]["totalCount"] > times
        assert found["search"]["edges"]
        await begun_at(address, "What does Ada play?")
        times += 1
    return times


async def test_a_migration_that_only_adds_is_survived_by_the_older_version(
    database_url: str, tmp_path: Path
) -> None:
    head = revisions.of_this_code().head
    newer(tmp_path / "newer", "9001", EXPANDS, served_from=head, after=head)
    settings = {"DATABASE_URL": database_url, "RATE_LIMIT": "0", "SERVICE_RATE_LIMIT": "0"}
    settings |= {"GENERATION_RATE_LIMIT": "0"}
    old = await asyncio.to_thread(lambda: Serving(**settings))
    try:
        done = asyncio.Event()
        working = asyncio.create_task(work(old.address, done))
        migrating = await migrated(tmp_path / "newer", database_url)
        assert migrating.returncode == 0, migrating.stderr
        assert await until_migrations_are(old.address, "expanded") == 200
        before = len(await rows(database_url))
        while len(await rows(database_url)) < before + 5 and not working.done():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        done.set()
        assert await working > 0
        code, said = await asyncio.to_thread(old.stopped)
        assert (code, "Traceback" in said) == (0, False), said
        # One that is started again in the middle of it, or rolled back to.
        old = await asyncio.to_thread(lambda: Serving(**settings))
        assert (await checks(old.address))[0] == 200
        assert await ask(old.address, "{ users { totalCount } }") == {"users": {"totalCount": 1}}

        newer(tmp_path / "newer", "9002", CONTRACTS, served_from="9001", after="9001")
        assert (await migrated(tmp_path / "newer", database_url)).returncode == 0
        assert await until_migrations_are(old.address, "ahead") == 503
    finally:
        await asyncio.to_thread(old.stopped)
    refused = await asyncio.to_thread(lambda: Serving(**settings))
    assert "newer than this version" in refused.greeting
    assert refused.ended()[0] == 1


async def rows(database_url: str) -> list[object]:
    connection = await asyncpg.connect(database_url)
    try:
        return list(await connection.fetch("select id from contexts"))
    finally:
        await connection.close()


async def test_older_code_does_not_touch_newer_tables(database_url: str, tmp_path: Path) -> None:
    head = revisions.of_this_code().head
    newer(tmp_path / "newer", "9001", EXPANDS, served_from=head, after=head)
    assert (await migrated(tmp_path / "newer", database_url)).returncode == 0
    refused = await migrated(ROOT, database_url)
    assert refused.returncode == 1
    assert "migrate with the newer one" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


async def test_a_migration_that_cannot_have_its_table_gives_up_and_keeps_nobody_waiting(
    database_url: str, tmp_path: Path
) -> None:
    head = revisions.of_this_code().head
    newer(tmp_path / "newer", "9001", EXPANDS, served_from=head, after=head)
    connection = await asyncpg.connect(database_url)
    async with connection.transaction():
        await connection.execute("lock table contexts in access share mode")
        refused = await migrated(tmp_path / "newer", database_url)
    assert refused.returncode == 1
    assert "a long transaction holds a table" in refused.stderr
    assert "Traceback" not in refused.stderr
    await run_sql(database_url, f"select 1 / (version_num = '{head}')::int from alembic_version")
    # Whoever has a table that it needs next, and needs the one that it has, goes first.
    async with connection.transaction():
        await connection.execute("lock table users in access share mode")
        migrating = asyncio.create_task(migrated(tmp_path / "newer", database_url))
        while not await connection.fetchval(IS_CHANGED):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await connection.execute("select from contexts")
    assert (await migrating).returncode == 0
    await connection.close()
