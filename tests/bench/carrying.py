"""`make bench`: how fast a large user is exported and imported, and how much memory that takes.

The user has 100,000 contexts (`SIZE=10000` for another number), and beside it stands one with a hundred, whose time
is that of a start. Both commands run as a person starts them, on the embedded PostgreSQL.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg

from db import migration
from db.embedded import Embedded, embedded
from tests.bench.filling import fill
from tests.processes import ROOT, environment

SIZE = int(os.environ.get("SIZE", "100000"))


def measured(rows: int, *arguments: str, database_url: str) -> None:
    """One command, to its end: rows in a second, and the most memory that its process had."""
    began = time.perf_counter()
    running = subprocess.Popen(
        [sys.executable, "-m", "api", *arguments],
        env=environment(DATABASE_URL=database_url),
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - began
    if running.returncode:
        raise SystemExit(f"{arguments[0]} ended with {running.returncode}")
    print(
        f"{arguments[0]:8} {rows:9,} contexts  {took:6.1f} s  {rows / took:8,.0f} rows/s  "
        f"{usage.ru_utime + usage.ru_stime:5.1f} s of computing  {usage.ru_maxrss / 1024:4.0f} MB at most",
        flush=True,
    )


async def filled(server: Embedded, name: str, sizes: dict[str, int]) -> str:
    """A migrated database with these users in it."""
    connection = await asyncpg.connect(server.url)
    await connection.execute(f"create database {name}")
    await connection.close()
    url = server.database_url(name)
    await asyncio.to_thread(migration.upgrade, url)
    connection = await asyncpg.connect(url)
    namespace = await connection.fetchval("select namespace from deployment")
    await connection.close()
    await fill(url, namespace, sizes)
    return url


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder) / "data") as server:
        file = Path(folder) / "large.ndjson"
        sizes = {"small": 100, "large": SIZE}
        here = asyncio.run(filled(server, "here", sizes))
        there = asyncio.run(filled(server, "there", {}))
        for user, rows in sizes.items():
            out = ("export", "--user", user, "--output", str(file))
            measured(rows, *out, database_url=here)
            print(f"{'file':8} {file.stat().st_size / 1e6:9,.1f} MB", flush=True)
            for _ in ("first", "repeated"):
                measured(rows, "import", str(file), database_url=there)


if __name__ == "__main__":
    main()
