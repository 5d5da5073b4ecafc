"""`make bench`, second part: how long search and grounding take in a store of a million contexts.

Users with 100, 10,000 and 100,000 contexts are asked 200 questions of six words each, one after the other; the rest of
the store are users of a thousand to ten thousand. Beside it stands what PostgreSQL offers by itself: the words ORed
over an index of `tsvector`, ranked by `ts_rank`. Filling the store takes some minutes; `SIZE=100000` makes it smaller.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import quantiles
from uuid import UUID

import asyncpg

from api.grounding import Asked, Wanted, ground
from db import migration, users
from db.embedded import embedded
from db.pool import Database
from tests.bench.filling import Speaker, fill
from tests.bench.searching import Searching, searching

SIZE = int(os.environ.get("SIZE", "1000000"))
MEASURED = {"a hundred": 100, "ten thousand": 10_000, "a hundred thousand": 100_000}
QUESTIONS = 200
BUDGET = 2000

PEER_INDEX = "create index peer on contexts using gin (search)"

PEER = """
select c.id, ts_rank(c.search, asked.query) as score
from contexts c, (
    select string_agg('''' || replace(lexeme, '''', '''''') || '''', ' | ')::tsquery as query
    from unnest(tsvector_to_array(to_tsvector('english', $2))) lexeme
) asked
where c.user_id = $1 and c.is_active and c.search @@ asked.query
order by score desc limit 100
"""

Act = Callable[[UUID, str], Awaitable[object]]


def sizes() -> dict[str, int]:
    """How many contexts each user has."""
    chosen = dict(MEASURED)
    number = 0
    while (left := SIZE - sum(chosen.values())) > 0:
        number += 1
        chosen[f"other {number}"] = min(1000 * (1 + number % 10), left)
    return chosen


async def timed(act: Act, user: UUID, questions: Sequence[str]) -> str:
    """p50 and p95 in milliseconds."""
    took = []
    for question in questions:
        began = time.perf_counter()
        await act(user, question)
        took.append((time.perf_counter() - began) * 1000)
    percent = quantiles(took, n=100)
    return f"p50 {percent[49]:7.1f} ms   p95 {percent[94]:7.1f} ms"


def acts(found: Searching) -> dict[str, Act]:
    """What is measured."""

    async def search(user: UUID, question: str) -> object:
        return await found.searcher.matches(Wanted(user, question, 10))

    async def grounding(user: UUID, question: str) -> object:
        return await ground(found.searcher, Asked(user, question, None, BUDGET), recent_turns=10)

    async def peer(user: UUID, question: str) -> object:
        return await found.db.fetch(PEER, user, question)

    return {"search": search, "grounding": grounding, "OR and ts_rank": peer}


async def measure(found: Searching) -> None:
    speaker = Speaker(7)
    questions = [speaker.question() for _ in range(QUESTIONS)]
    for name, act in acts(found).items():
        for external_id, size in MEASURED.items():
            user = users.id_of(found.db, external_id)
            # The first reads what the others find in memory.
            await timed(act, user, questions[:20])
            print(f"{name:<15} {size:>7} contexts   {await timed(act, user, questions)}")


async def run(database_url: str) -> None:
    # Filling and the indexes take longer than any statement of a server.
    os.environ.setdefault("CONTEXTQL_STATEMENT_TIMEOUT", "600")
    async with searching(database_url) as found:
        await filled(found.db, database_url)
        await measure(found)


async def filled(db: Database, database_url: str) -> None:
    began = time.perf_counter()
    chosen = sizes()
    await fill(database_url, db.namespace, chosen)
    connection = await asyncpg.connect(database_url)
    await connection.execute(PEER_INDEX)
    await connection.close()
    took = time.perf_counter() - began
    print(f"{sum(chosen.values())} contexts of {len(chosen)} users, stored in {took:.0f} s")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # The server of the database may run as another user, who must be able to reach it.
        Path(folder).chmod(0o755)
        with embedded(Path(folder)) as postgres:
            migration.upgrade(postgres.url)
            asyncio.run(run(postgres.url))


if __name__ == "__main__":
    main()
