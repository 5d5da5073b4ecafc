"""`contextql export` and `contextql import` as a person uses them: real processes, real files."""

from __future__ import annotations

import asyncio
import os
import pty
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from api.carry.sealed import LINES_AT_ONCE
from db.pool import Access, Database
from tests.carry.carrying import exported, imported, rows
from tests.carry.test_arriving import MANY, many
from tests.making import a_context, a_user
from tests.processes import ROOT, environment
from tests.test_command_line import run, run_here


def begun(*arguments: str, **settings: str) -> subprocess.Popen[bytes]:
    """A command that is led what to read."""
    return subprocess.Popen(
        [sys.executable, "-m", "api", *arguments],
        env=environment(**settings),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def watched(*arguments: str, **settings: str) -> tuple[int, str]:
    """The exit code of a command, and what somebody at a terminal saw."""
    screen, end = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "api", *arguments],
        env={**environment(**settings), "TERM": "xterm"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=end,
    )
    os.close(end)
    seen = b""
    # The end of a terminal is an error.
    with suppress(OSError):
        while more := os.read(screen, 4096):
            seen += more
    os.close(screen)
    return running.wait(), seen.decode()


@pytest.fixture
async def here(db: Database, database_url: str) -> str:
    """The address of a database that knows a user."""
    await a_context(db, await a_user(db))
    return database_url


async def test_a_user_is_carried_by_a_file_that_only_its_owner_reads(
    here: str, db: Database, there: Database, elsewhere: Access, tmp_path: Path
) -> None:
    file = tmp_path / "ada.ndjson"
    file.write_text("an older one, for all to read")
    file.chmod(0o644)
    left = run("export", "--user", "ada", "--output", str(file), DATABASE_URL=here)
    assert left.returncode == 0, left.stderr
    assert left.stdout == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == [file.name]  # noqa: PTH208  # a path would block the loop
    arrived = run("import", str(file), DATABASE_URL=elsewhere.url)
    assert arrived.returncode == 0, arrived.stderr
    assert "context: 1 stored, 0 there already" in arrived.stderr
    again = await asyncio.to_thread(run_here, "import", str(file), DATABASE_URL=elsewhere.url)
    assert again.exit_code == 0, again.stderr
    assert "context: 0 stored, 1 there already" in again.stderr
    assert await rows(there) == await rows(db)


async def test_a_user_is_carried_through_a_pipe_under_another_name(
    here: str, there: Database, elsewhere: Access, db: Database
) -> None:
    left = run("export", "--user", "ada", DATABASE_URL=here)
    arriving = begun("import", "--as", "bob", DATABASE_URL=elsewhere.url)
    _, said = arriving.communicate(left.stdout.encode())
    assert arriving.returncode == 0, said
    assert (await rows(there, "bob"))["contexts"] == (await rows(db))["contexts"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export", "--user", "nobody", "--output", "nobody.ndjson"], "there is no user 'nobody'"),
        (["export", "--user", "ada", "--output", "no/such/ada"], "no/such/ada cannot be written: No such file"),
        (["import", "no.ndjson"], "no.ndjson cannot be read: No such file"),
        (["import", str(ROOT / "README.md")], "line 1: this is not an export"),
    ],
)  # fmt: skip
async def test_what_cannot_be_done_is_one_clear_line_and_leaves_no_file(
    here: str,
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = await asyncio.to_thread(run_here, *arguments, DATABASE_URL=here)
    assert refused.exit_code == 1
    assert refused.stdout == ""
    assert len(refused.stderr.strip().splitlines()) == 1
    assert words in refused.stderr
    assert os.listdir(tmp_path) == []  # noqa: PTH208  # a path would block the loop


async def test_an_import_that_is_killed_goes_on_when_it_is_run_again(
    db: Database, there: Database, elsewhere: Access
) -> None:
    await many(db)
    file = await exported(db)
    arriving = begun("import", DATABASE_URL=elsewhere.url)
    assert arriving.stdin is not None
    arriving.stdin.write(b"".join(file.splitlines(keepends=True)[: LINES_AT_ONCE + 100]))
    arriving.stdin.flush()
    async with asyncio.timeout(120):
        while not (await rows(there))["contexts"]:  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.05)
    arriving.kill()
    arriving.communicate()
    assert 0 < len((await rows(there))["contexts"]) < MANY
    await imported(there, file)
    assert await rows(there) == await rows(db)


async def test_whoever_watches_sees_how_far_it_is(here: str) -> None:
    code, seen = watched("export", "--user", "ada", DATABASE_URL=here)
    assert code == 0
    assert "Exporting ada" in seen
    assert "2/2" in seen
