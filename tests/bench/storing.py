"""`make bench-store`: what it costs to say how much is stored, with a million contexts and as many as a large user has.

The rows are inserted by PostgreSQL itself, without triggers and without the indexes that search needs. One user has a
tenth of all contexts, fifteen have a fiftieth each, the others share the rest. `SIZE=1000000` is the default.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from functools import partial
from pathlib import Path

import asyncpg

from db import migration, statistics, storage
from db.embedded import embedded
from db.pool import Access, Database, opened
from tests.bench.walls import Act, by_turns, show

SIZE = int(os.environ.get("SIZE", "1000000"))

SEED = (
    "set session_replication_role = replica; set synchronous_commit = off",
    "drop index contexts_terms; drop index contexts_content; drop index contexts_metadata",
    # What is computed for each row takes longer than all else; here it is computed once for each text.
    "alter table contexts alter terms drop expression, alter term_count drop expression",
    """
    insert into users (id, external_id)
    select md5('u' || n)::uuid, 'u' || n from generate_series(0, {size} / 10) n
    """,
    """
    create temporary table said as
    select n, jsonb_build_object('text', t.text) as content, to_tsvector('english', t.text) as search,
        context_terms(md5(t.text)::uuid, to_tsvector('english', t.text)) as terms
    from generate_series(0, 999) n
    cross join lateral (
        select string_agg('w' || (n * 31 + k * k) % 7000, ' ') as text from generate_series(1, 25) k
    ) t
    """,
    """
    insert into contexts (user_id, id, context_type, content, created_at, search, terms, term_count)
    select md5('u' || case
            when i <= {size} / 10 then 0
            when i <= {size} * 4 / 10 then 1 + i % 15
            else 16 + i::bigint * 7919 % ({size} / 10 - 16)
        end)::uuid,
        gen_random_uuid(), 'knowledge', s.content, now() - i * interval '1 second', s.search, s.terms,
        cardinality(s.terms)
    from generate_series(1, {size}) i join said s on s.n = i % 1000
    """,
    """
    insert into responses (
        user_id, id, conversation_id, message, text, model, budget, status, completed_at, grounding, rating, rated_at
    )
    select u.id, gen_random_uuid(), u.id, 'Where?', repeat('The ferry leaves at noon. ', 20), 'm', 500,
        'COMPLETED', now(), jsonb_build_object('prompt', repeat('knows ' || n, 300)), 1 + n % 5, now()
    from (select id from users limit {size} / 20) u cross join generate_series(1, 4) n
    """,
    "insert into embedding_models (model, dimensions, wanted_until) values ('m', 384, now())",
    """
    insert into context_embeddings
    select user_id, id, 'm', array_fill(0.5::real, array[384])::halfvec
    from contexts where user_id = md5('u0')::uuid
    """,
    "vacuum analyze",
)

LARGE = "select md5('u' || n)::uuid as id from unnest($1::integer[]) n"


async def seed(url: str) -> None:
    connection = await asyncpg.connect(url)
    began = time.perf_counter()
    try:
        for statement in SEED:
            await connection.execute(statement.format(size=SIZE))
    finally:
        await connection.close()
    print(f"{SIZE} contexts seeded in {time.perf_counter() - began:.0f} s")


async def measure(db: Database) -> None:
    large, middle, small = [row["id"] for row in await db.fetch(LARGE, [0, 1, 99])]
    acts: dict[str, Act] = {
        "stats": partial(statistics.measured, db),
        f"storage of {SIZE // 10}": partial(storage.by_users, db, [large]),
        f"storage of {SIZE // 50}": partial(storage.by_users, db, [middle]),
        "storage of a few": partial(storage.by_users, db, [small]),
        "largest users": partial(statistics.largest, db),
    }
    show("how much is stored", await by_turns(acts, 20))
    print(await statistics.measured(db))
    print([one.contexts for one in await statistics.largest(db)])


async def run(url: str) -> None:
    await seed(url)
    async with opened(Access(url=url, pool_size=1, statement_timeout=600)) as db:
        await measure(db)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # The server of the database may run as another user, who must be able to reach it.
        Path(folder).chmod(0o755)
        with embedded(Path(folder)) as postgres:
            migration.upgrade(postgres.url)
            asyncio.run(run(postgres.url))


if __name__ == "__main__":
    main()
