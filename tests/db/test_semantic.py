"""The contexts nearest to a vector: exactly, and through the index of a large user."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from api.observe import EmbeddingsIndexed, Fact
from api.upkeep.index_large import index_large
from db import context_writes, embeddings, semantic
from db.context_writes import NewContext
from db.filters import ContextFilter
from db.pool import Database
from db.records import Context, Hit, User
from tests.databases import run_sql
from tests.making import a_user, knowledge

MODEL = "tests:small"
DIMENSIONS = 8
ANY = ContextFilter()


async def stored(
    db: Database, user: User, new: NewContext, vector: Sequence[float], model: str = MODEL
) -> Context:
    """A context with the embedding that it is said to have."""
    await embeddings.want(db, model, 60)
    await embeddings.agreed_dimensions(db, model, len(vector))
    context = await context_writes.create(db, user.id, new)
    await embedded(db, context, vector, model)
    return context


async def embedded(
    db: Database, context: Context, vector: Sequence[float], model: str = MODEL
) -> None:
    claim = await embeddings.claim(db, model, 100, 60, again=False)
    assert claim is not None
    await embeddings.keep(db, claim, {(context.user_id, context.id): vector})


def towards(*numbers: float) -> list[float]:
    """A vector that begins so."""
    return [*numbers, *[0.0] * (DIMENSIONS - len(numbers))]


async def ids_near(
    db: Database, user: User, vector: Sequence[float], limit: int = 10, wanted: ContextFilter = ANY
) -> list[UUID]:
    found = await semantic.nearest(db, user.id, MODEL, vector, limit, wanted)
    return [one.id for one in found]


async def test_the_nearest_come_first_with_their_cosine(db: Database) -> None:
    user = await a_user(db)
    near = await stored(db, user, knowledge("near"), towards(1))
    askew = await stored(db, user, knowledge("askew"), towards(3, 4))
    opposite = await stored(db, user, knowledge("opposite"), towards(-1))
    found = await semantic.nearest(db, user.id, MODEL, towards(2), 10, ANY)
    assert [one.id for one in found] == [near.id, askew.id, opposite.id]
    assert [one.score for one in found] == pytest.approx([1, 0.6, -1], abs=1e-3)
    assert await ids_near(db, user, towards(2), limit=1) == [near.id]


async def test_only_the_users_own_active_living_contexts_are_found(db: Database) -> None:
    ada, grace = await a_user(db), await a_user(db, "grace")
    await stored(db, grace, knowledge("hers"), towards(1))
    yesterday = datetime.now(UTC) - timedelta(days=1)
    await stored(db, ada, knowledge("expired", expires_at=yesterday), towards(1))
    deleted = await stored(db, ada, knowledge("deleted"), towards(1))
    await context_writes.soft_delete(db, ada.id, deleted.id)
    mine = await stored(db, ada, knowledge("mine"), towards(0, 1))
    assert await ids_near(db, ada, towards(1)) == [mine.id]


async def test_a_filter_holds_for_all_that_is_found(db: Database) -> None:
    user = await a_user(db)
    await stored(db, user, knowledge("near"), towards(1))
    note = knowledge("a note", context_type="note", metadata={"mood": "calm"})
    far = await stored(db, user, note, towards(0, 1))
    for wanted in (
        ContextFilter(context_types=("note",)),
        ContextFilter(metadata='{"mood": "calm"}'),
    ):
        assert await ids_near(db, user, towards(1), limit=1, wanted=wanted) == [far.id]


async def test_a_vector_of_another_length_or_of_an_unknown_model_finds_nothing(
    db: Database,
) -> None:
    user = await a_user(db)
    await stored(db, user, knowledge("near"), towards(1))
    assert await ids_near(db, user, [1.0, 0.0]) == []
    assert await semantic.nearest(db, user.id, "tests:other", towards(1), 10, ANY) == []


LARGE = 3_000
MANY_DIMENSIONS = 32


async def a_large_user(db: Database, url: str) -> tuple[User, list[list[float]]]:
    """A user with many contexts and an embedding of each, beside another with some."""
    randomness = random.Random(4)  # noqa: S311
    user, other = await a_user(db), await a_user(db, "grace")
    vectors = [[randomness.gauss(0, 1) for _ in range(MANY_DIMENSIONS)] for _ in range(LARGE)]
    await embeddings.want(db, MODEL, 60)
    await embeddings.agreed_dimensions(db, MODEL, MANY_DIMENSIONS)
    for owner, some in ((user, vectors), (other, vectors[:100])):
        for begin in range(0, len(some), 1_000):
            part = some[begin : begin + 1_000]
            new = [knowledge(f"Fact {n}.", metadata={"tenth": n % 10}) for n in range(len(part))]
            await context_writes.create_many(db, owner.id, new)
            claim = await embeddings.claim(db, MODEL, 1_000, 60, again=False)
            assert claim is not None
            await embeddings.keep(db, claim, dict(zip(claim.keys, part, strict=True)))
    await run_sql(url, "vacuum analyze context_embeddings, contexts")
    return user, vectors


async def test_a_large_user_is_searched_through_an_index_that_finds_nearly_all(
    db: Database, database_url: str, statements: list[str]
) -> None:
    user, vectors = await a_large_user(db, database_url)
    facts: list[Fact] = []
    asked, wanted = vectors[:20], ContextFilter(metadata='{"tenth": 3}')
    exact = [await found(db, user, vector) for vector in asked]
    exact_filtered = [await found(db, user, vector, wanted) for vector in asked]
    await index_large(database_url, LARGE - 1, facts.append)
    assert facts == [EmbeddingsIndexed(str(user.id), MODEL, LARGE)]
    statements.clear()
    assert recall(exact, [await found(db, user, vector) for vector in asked]) > 0.95
    assert any("::halfvec(32)" in statement for statement in statements)
    assert (
        recall(exact_filtered, [await found(db, user, vector, wanted) for vector in asked]) > 0.95
    )
    plan = await explained(database_url, user, vectors[0])
    assert semantic.index_name(user.id, MODEL) in plan
    assert await settings(db) == ("auto", None)
    # What is whole stays; who is no longer large loses it.
    await index_large(database_url, LARGE - 1, facts.append)
    assert len(facts) == 1
    await index_large(database_url, 3 * LARGE, facts.append)
    assert await indexes(db) == []


async def test_an_index_that_was_left_broken_is_made_anew(db: Database, database_url: str) -> None:
    user = await a_user(db)
    await stored(db, user, knowledge("near"), towards(1))
    await index_large(database_url, 0, lambda _: None)
    await run_sql(
        database_url,
        "update pg_index set indisvalid = false where indexrelid = "
        f"'{semantic.index_name(user.id, MODEL)}'::regclass",
    )
    assert len(await ids_near(db, user, towards(1))) == 1
    facts: list[Fact] = []
    await index_large(database_url, 0, facts.append)
    assert len(facts) == 1
    assert await indexes(db) == [(semantic.index_name(user.id, MODEL), True)]


async def test_an_index_whose_making_is_cut_short_is_made_by_the_next(
    db: Database, database_url: str
) -> None:
    user = await a_user(db)
    await stored(db, user, knowledge("near"), towards(1))
    older = await asyncpg.connect(database_url)
    try:
        # An index is not whole before those have ended who may still see the table without it.
        await older.execute("begin; lock table context_embeddings in row exclusive mode")
        making = asyncio.create_task(index_large(database_url, 0, lambda _: None))
        async with asyncio.timeout(10):
            while not await indexes(db):  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.02)
        assert len(await ids_near(db, user, towards(1))) == 1
        making.cancel()
        with pytest.raises(asyncio.CancelledError):
            await making
        assert await indexes(db) == [(semantic.index_name(user.id, MODEL), False)]
    finally:
        await older.close()
    await index_large(database_url, 0, lambda _: None)
    assert await indexes(db) == [(semantic.index_name(user.id, MODEL), True)]


async def test_only_one_process_at_a_time_makes_indexes(db: Database, database_url: str) -> None:
    user = await a_user(db)
    await stored(db, user, knowledge("near"), towards(1))
    holder = await asyncpg.connect(database_url)
    try:
        await holder.execute("select pg_advisory_lock($1)", 0x6E656172)
        await index_large(database_url, 0, lambda _: None)
        assert await indexes(db) == []
    finally:
        await holder.close()
    await index_large(database_url, 0, lambda _: None)
    assert len(await indexes(db)) == 1


async def found(
    db: Database, user: User, vector: Sequence[float], wanted: ContextFilter = ANY
) -> list[Hit]:
    return await semantic.nearest(db, user.id, MODEL, vector, 20, wanted)


def recall(exact: Sequence[Sequence[Hit]], through: Sequence[Sequence[Hit]]) -> float:
    """The part of what there is to find that was found."""
    hits = [
        len({one.id for one in all_} & {one.id for one in some}) / len(all_)
        for all_, some in zip(exact, through, strict=True)
    ]
    return sum(hits) / len(hits)


async def explained(url: str, user: User, vector: Sequence[float]) -> str:
    """The plan as `nearest` has it."""
    condition, _ = ANY.condition(first=5)
    statement = semantic.indexed_statement(condition, len(vector))
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.fetch(semantic.WIDELY, user.id, 20)
            prepared = await connection.prepare(f"explain {statement}")
            rows = await prepared.fetch(user.id, MODEL, semantic.halfvec(vector), 20)
            return "\n".join(row[0] for row in rows)
    finally:
        await connection.close()


async def settings(db: Database) -> tuple[str, str | None]:
    (row,) = await db.fetch(
        """
        select current_setting('plan_cache_mode') as planning,
            nullif(current_setting('hnsw.iterative_scan', true), 'off') as scanning
        """
    )
    return row["planning"], row["scanning"]


async def indexes(db: Database) -> list[tuple[str, bool]]:
    from_catalogue = await db.fetch(
        """
        select c.relname as name, i.indisvalid as is_valid
        from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname like 'near%'
        """
    )
    return [(row["name"], row["is_valid"]) for row in from_catalogue]
