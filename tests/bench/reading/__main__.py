"""`make bench-read`: answers a second of ContextQL, of other GraphQL servers, and of what PostgreSQL allows.

`SECONDS=5` is how long each turn is, `ROUNDS=3` how many turns each has, `SIZE=100000` how many contexts there are,
`WORKERS=1` how many processes each server has. `ONLY=Q1,Q2` and `SERVERS=contextql,raw` measure less, and
`DATA=<folder>` keeps what is stored for the next time.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg

from db import migration
from db.embedded import embedded
from tests.bench.reading.bulk import compared
from tests.bench.reading.checking import check
from tests.bench.reading.load import generator
from tests.bench.reading.measuring import Pace, measured
from tests.bench.reading.pairs import pairs
from tests.bench.reading.people import CONTEXTS, Stored
from tests.bench.reading.seeding import clean, seed
from tests.bench.reading.servers import Running, Server, started, wanted
from tests.bench.reading.table import show
from tests.bench.reading.workloads import Workload, workloads
from tests.credential import let_in

PACE = Pace(float(os.environ.get("SECONDS", "5")), int(os.environ.get("ROUNDS", "3")))
USERS = int(os.environ.get("SIZE", "100000")) // CONTEXTS
WORKERS = int(os.environ.get("WORKERS", "1"))
ONLY = os.environ.get("ONLY")
MB = 1024 * 1024


@contextmanager
def folder() -> Iterator[Path]:
    """Where the data is: that of the option, or one that goes with this process."""
    with ExitStack() as stack:
        kept = os.environ.get("DATA")
        path = Path(kept or stack.enter_context(tempfile.TemporaryDirectory(prefix="cql")))
        path.mkdir(parents=True, exist_ok=True)
        # The server of the database may run as another user, who must be able to reach it.
        path.chmod(0o755)
        yield path


THERE = "select count(*), to_regnamespace('shown') is not null from users where name is not null"
"""How many users are stored, and whether that went to its end."""


async def filled(url: str) -> Stored:
    """What is stored there: it is stored now unless it is there."""
    connection = await asyncpg.connect(url)
    try:
        stored = Stored(await connection.fetchval("select namespace from deployment"), USERS)
        [(there, is_whole)] = await connection.fetch(THERE)
    finally:
        await connection.close()
    if there == 0 and not is_whole:
        began = time.perf_counter()
        await let_in(url)
        await seed(url, stored)
        print(f"{USERS:,} users stored in {time.perf_counter() - began:.0f} s", flush=True)
    elif there != USERS or not is_whole:
        raise SystemExit(f"In DATA there are not {USERS:,} users, whole: name another folder.")
    return stored


def is_wanted(name: str) -> bool:
    return not ONLY or name.startswith(tuple(ONLY.split(",")))


def race(url: str, servers: Sequence[Server], some: Sequence[Workload], place: Path) -> None:
    """Start them, see that they answer rightly, and measure them."""
    with ExitStack() as stack:
        running = [
            stack.enter_context(started(one, url, WORKERS, place / f"{one.name}.log"))
            for one in servers
        ]
        asked = pairs(running, some, USERS)
        for pair in asked:
            check(pair)
        asyncio.run(clean(url))
        before = [one.memory() for one in running]
        results = measured(asked, PACE, place, lambda: asyncio.run(clean(url)))
        show(results, some, servers)
        show_bulk(running, url)
        show_memory(running, before)


def show_bulk(running: Sequence[Running], url: str) -> None:
    """Q7, for which there is but ours and COPY."""
    for one in running:
        if one.server.name == "contextql" and is_wanted("Q7"):
            print(asyncio.run(compared(one, url, 5 * PACE.rounds)).shown())


def show_memory(running: Sequence[Running], before: Sequence[int]) -> None:
    print("memory, MB")
    for one, was in zip(running, before, strict=True):
        print(f"    {one.server.title:30} {was / MB:10.0f} before  {one.memory() / MB:6.0f} after")


def main() -> None:
    servers = wanted(os.environ.get("SERVERS"))
    print(
        f"{WORKERS} process each, a pool of 8, load by {generator()}, "
        f"{PACE.rounds} turns of {PACE.seconds:g} s; ContextQL with credentials, logs, metrics and limits, "
        "its rate limit as high as it goes",
        flush=True,
    )
    with folder() as place, embedded(place) as postgres:
        migration.upgrade(postgres.url)
        some = [one for one in workloads(asyncio.run(filled(postgres.url))) if is_wanted(one.name)]
        with tempfile.TemporaryDirectory(prefix="cql") as notes:
            race(postgres.url, servers, some, Path(notes))


if __name__ == "__main__":
    main()
