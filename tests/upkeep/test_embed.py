"""What is stored is embedded, whatever happens in between; the provider is real HTTP on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from api.models.hosted_embedder import HostedEmbedder
from api.observe import EmbeddingBacklog, EmbeddingStalled, Fact
from api.upkeep.embed import BATCH, Embedding
from api.upkeep.forget_models import forget_models
from db import context_writes, embeddings, profiles, semantic
from db.context_writes import Revision
from db.filters import ContextFilter
from db.pool import Database, opened
from db.records import Context, Hit, User, Waiting
from tests.embedding_server import KEY, EmbeddingServer, an_embedder, embedding_server, vector_of
from tests.making import a_context, a_user, knowledge

MODEL = "openai:words-64"
WEEK = 7 * 86_400.0


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EmbeddingServer]:
    async with embedding_server(monkeypatch) as server:
        yield server


@pytest.fixture
async def embedder(provider: EmbeddingServer) -> AsyncIterator[HostedEmbedder]:
    async with an_embedder(MODEL) as one:
        yield one


@pytest.fixture
def facts() -> list[Fact]:
    return []


@pytest.fixture
def worker(db: Database, embedder: HostedEmbedder, facts: list[Fact]) -> Embedding:
    return Embedding(db, embedder, WEEK, facts.append)


async def standing(db: Database, model: str = MODEL) -> Waiting:
    (one,) = [one for one in await embeddings.waiting(db) if one.model == model]
    return one


async def near(db: Database, user: User, text: str, model: str = MODEL) -> list[Hit]:
    vector = vector_of(text, int(model.rpartition("-")[2]))
    return await semantic.nearest(db, user.id, model, vector, 100, ContextFilter())


async def until_missing(db: Database, missing: int, *workers: Embedding) -> None:
    """Have them work, as their servers would, until only so many are missing."""
    async with asyncio.timeout(15):
        while True:
            for worker in workers:
                await worker.work()
            now = await standing(db)
            if now.is_walked and now.missing == missing:
                return
            await asyncio.sleep(0.02)


async def rewritten(db: Database, context: Context, text: str) -> Context:
    change = Revision(content={"text": text}, text=text)
    return await context_writes.update(db, context.user_id, context.id, context.version, change)


@asynccontextmanager
async def while_asked(provider: EmbeddingServer, worker: Embedding) -> AsyncIterator[None]:
    """Within the block, the provider is thinking about what it was asked."""
    provider.gate = asyncio.Event()
    working = asyncio.create_task(worker.work())
    await provider.waiting.wait()
    yield
    provider.gate.set()
    await working
    provider.gate = None


async def test_what_was_there_before_the_model_and_what_comes_after_is_embedded(
    db: Database, worker: Embedding, provider: EmbeddingServer
) -> None:
    user = await a_user(db)
    before = await a_context(db, user, "Ada plays chess.")
    await profiles.set_profile(db, user.id, {"home": "London"}, "home: London")
    await worker.work()
    after = await a_context(db, user, "Ada drinks tea.")
    await worker.work()
    assert await standing(db) == Waiting(MODEL, True, 0, 0)
    assert provider.asked == [["Ada plays chess."], ["Ada drinks tea."]]
    found = await near(db, user, "Ada drinks tea.")
    assert [one.id for one in found] == [after.id, before.id]
    assert found[0].score == pytest.approx(1, abs=1e-3)
    assert found[0].created_at == after.created_at


async def test_without_a_model_nothing_is_queued(db: Database) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    await rewritten(db, context, "Ada plays Go.")
    assert await db.fetch("select from unembedded") == []
    assert await embeddings.waiting(db) == []


async def test_a_backlog_goes_out_in_batches_without_waiting(
    db: Database, worker: Embedding, provider: EmbeddingServer
) -> None:
    user = await a_user(db)
    facts = [knowledge(f"Fact {number}.") for number in range(2 * BATCH + 1)]
    await context_writes.create_many(db, user.id, facts)
    await worker.work()
    assert sorted(len(texts) for texts in provider.asked) == [1, BATCH, BATCH]
    assert (await standing(db)).missing == 0


async def test_a_writer_from_before_the_model_is_not_missed(
    db: Database, worker: Embedding, database_url: str
) -> None:
    user = await a_user(db)
    writer = await asyncpg.connect(database_url)
    try:
        slow = writer.transaction()
        await slow.start()
        await writer.execute(
            """
            insert into contexts (user_id, id, context_type, content, search)
            values ($1, gen_random_uuid(), 'knowledge', '{"text": "Ada plays chess."}', '')
            """,
            user.id,
        )
        await worker.work()
        assert not (await standing(db)).is_walked
        await slow.commit()
    finally:
        await writer.close()
    await worker.work()
    assert len(await near(db, user, "chess")) == 1


async def test_an_outage_loses_nothing_and_is_told_once(
    db: Database, worker: Embedding, provider: EmbeddingServer, facts: list[Fact]
) -> None:
    user = await a_user(db)
    await context_writes.create_many(db, user.id, [knowledge(f"Fact {n}.") for n in range(5)])
    provider.status = 503
    for _ in range(3):
        await worker.work()
    now = await standing(db)
    assert (now.missing, now.failing) == (5, 5)
    assert len(provider.asked) == 1
    provider.status = None
    await until_missing(db, 0, worker)
    assert len(await near(db, user, "Fact")) == 5
    (stalled,) = [fact for fact in facts if isinstance(fact, EmbeddingStalled)]
    assert "HTTP 503" in stalled.reason
    assert KEY not in stalled.reason


async def test_the_backlog_is_told_when_it_changes_and_not_each_second(
    db: Database, worker: Embedding, facts: list[Fact]
) -> None:
    user = await a_user(db)
    for number in range(3):
        await a_context(db, user, f"Fact {number}.")
        await worker.work()
    told = [fact for fact in facts if isinstance(fact, EmbeddingBacklog)]
    assert told == [EmbeddingBacklog(MODEL, 0, 0)]


@pytest.mark.parametrize("status", [400, 500])
async def test_a_text_that_is_always_refused_holds_up_no_others_and_is_left_alone(
    db: Database, worker: Embedding, provider: EmbeddingServer, status: int
) -> None:
    user = await a_user(db)
    texts = [f"Fact {number}." for number in range(10)]
    await context_writes.create_many(db, user.id, [knowledge(text) for text in texts])
    bad = await a_context(db, user, "This is poison.")
    provider.poison = {"poison": status}
    await until_missing(db, 1, worker)
    assert (await standing(db)).failing == 1
    assert len(await near(db, user, "Fact")) == 10
    (row,) = await db.fetch("select context_id, error, attempts from unembedded")
    assert row["context_id"] == bad.id
    assert row["error"].startswith(f"{MODEL} ")
    await a_context(db, user, "A new fact.")
    await until_missing(db, 1, worker)
    assert "A new fact." in provider.texts[-2:]
    await rewritten(db, bad, "This is wholesome.")
    await until_missing(db, 0, worker)


async def test_a_refused_text_waits_longer_each_time(
    db: Database, worker: Embedding, provider: EmbeddingServer
) -> None:
    await a_context(db, await a_user(db), "This is poison.")
    provider.poison = {"poison": 400}
    pauses = []
    for _ in range(3):
        await worker.work()
        (row,) = await db.fetch(
            "select extract(epoch from due_at - now())::float8 as seconds from unembedded"
        )
        pauses.append(round(row["seconds"], -1))
        await db.fetch("update unembedded set due_at = now()")
    assert pauses == [120, 240, 480]
    assert len(provider.asked) == 3


async def test_a_provider_that_refuses_everything_is_not_asked_for_everything(
    db: Database, worker: Embedding, provider: EmbeddingServer, facts: list[Fact]
) -> None:
    user = await a_user(db)
    many = [knowledge(f"Fact {number}.") for number in range(2 * BATCH)]
    await context_writes.create_many(db, user.id, many)
    provider.status = 400
    await worker.work()
    assert len(set(provider.texts)) == BATCH
    assert any(isinstance(fact, EmbeddingStalled) for fact in facts)


async def test_a_text_that_changes_while_it_is_embedded_is_embedded_anew(
    db: Database, worker: Embedding, provider: EmbeddingServer
) -> None:
    user = await a_user(db)
    context = await a_context(db, user, "Ada plays chess.")
    async with while_asked(provider, worker):
        await rewritten(db, context, "Ada drinks tea.")
    assert provider.texts == ["Ada plays chess.", "Ada drinks tea."]
    (found,) = await near(db, user, "Ada drinks tea.")
    assert found.score == pytest.approx(1, abs=1e-3)


async def test_a_changed_text_is_not_found_by_what_it_was(db: Database, worker: Embedding) -> None:
    user = await a_user(db)
    context = await a_context(db, user, "Ada plays chess.")
    await worker.work()
    await rewritten(db, context, "Ada drinks tea.")
    assert await near(db, user, "chess") == []


async def test_metadata_costs_no_embedding(
    db: Database, worker: Embedding, provider: EmbeddingServer
) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    await worker.work()
    change = Revision(metadata={"mood": "calm"})
    await context_writes.update(db, user.id, context.id, 1, change)
    assert (await standing(db)).missing == 0
    assert len(await near(db, user, "chess")) == 1
    assert len(provider.asked) == 1


async def test_a_deleted_context_loses_its_embedding_and_a_restored_one_gets_it_back(
    db: Database, worker: Embedding, provider: EmbeddingServer
) -> None:
    user = await a_user(db)
    context = await a_context(db, user)
    async with while_asked(provider, worker):
        await context_writes.soft_delete(db, user.id, context.id)
    assert await embeddings.count(db, MODEL) == 0
    assert (await standing(db)).missing == 0
    await context_writes.restore(db, user.id, context.id, 1, 2)
    await worker.work()
    await context_writes.soft_delete(db, user.id, context.id)
    assert await embeddings.count(db, MODEL) == 0


async def test_what_says_nothing_is_done_with_and_what_is_long_is_cut(
    db: Database, worker: Embedding, provider: EmbeddingServer
) -> None:
    user = await a_user(db)
    await context_writes.create(db, user.id, knowledge("", context_type="custom"))
    await context_writes.create(db, user.id, knowledge("word " * 10_000))
    await worker.work()
    assert (await standing(db)).missing == 0
    assert max(len(text) for text in provider.texts) <= 8_000


async def test_a_process_that_is_killed_leaves_its_work_to_the_next(
    db: Database, worker: Embedding, provider: EmbeddingServer, embedder: HostedEmbedder
) -> None:
    user = await a_user(db)
    await a_context(db, user)
    provider.gate = asyncio.Event()
    working = asyncio.create_task(worker.work())
    await provider.waiting.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    provider.gate.set()
    provider.gate = None
    restarted = Embedding(db, embedder, WEEK, lambda _: None)
    await restarted.work()
    assert (await standing(db)).missing == 1
    # As time goes by.
    await db.fetch("update unembedded set due_at = due_at - interval '2 minutes'")
    await restarted.work()
    assert len(await near(db, user, "chess")) == 1


@pytest.mark.whole_pool
async def test_two_processes_share_the_work(
    db: Database, worker: Embedding, provider: EmbeddingServer, embedder: HostedEmbedder
) -> None:
    user = await a_user(db)
    many = [knowledge(f"Fact {number}.") for number in range(4 * BATCH)]
    await context_writes.create_many(db, user.id, many)
    async with opened(db.access) as elsewhere:
        other = Embedding(elsewhere, embedder, WEEK, lambda _: None)
        await asyncio.gather(worker.work(), other.work())
        await until_missing(db, 0, worker, other)
    assert (
        len(
            await semantic.nearest(
                db, user.id, MODEL, vector_of("fact", 64), 1_000, ContextFilter()
            )
        )
        == 4 * BATCH
    )
    assert len(provider.texts) == 4 * BATCH


async def test_no_connection_is_held_while_the_provider_thinks(
    db: Database, worker: Embedding, provider: EmbeddingServer
) -> None:
    await a_context(db, await a_user(db))
    async with while_asked(provider, worker):
        (row,) = await db.fetch(
            "select count(*) from pg_stat_activity where state like 'idle in transaction%'"
            " and datname = current_database()"
        )
        assert row["count"] == 0


async def test_one_model_takes_over_from_another_and_the_old_one_is_forgotten(
    db: Database, worker: Embedding
) -> None:
    user = await a_user(db)
    await a_context(db, user, "Ada plays chess.")
    await worker.work()
    async with an_embedder("openai:other-16") as other:
        successor = Embedding(db, other, WEEK, lambda _: None)
        await successor.work()
        await a_context(db, user, "Ada drinks tea.")
        await worker.work()
        await successor.work()
        assert len(await near(db, user, "chess", MODEL)) == 2
        assert len(await near(db, user, "chess", other.name)) == 2
        await embeddings.want(db, other.name, WEEK)
        await db.fetch("update embedding_models set wanted_until = now() where model = $1", MODEL)
        await forget_models(db)
        assert [one.model for one in await embeddings.waiting(db)] == [other.name]
        assert await embeddings.count(db, MODEL) == 0
        assert len(await near(db, user, "chess", other.name)) == 2


async def test_a_forgotten_model_that_is_wanted_again_begins_anew(
    db: Database, worker: Embedding
) -> None:
    user = await a_user(db)
    await a_context(db, user)
    await worker.work()
    await db.fetch("update embedding_models set wanted_until = now(), is_forgotten = true")
    assert await near(db, user, "chess") == []
    worker.renew_at = 0
    await worker.work()
    assert len(await near(db, user, "chess")) == 1
    await forget_models(db)
    assert len(await near(db, user, "chess")) == 1


async def test_a_model_whose_vectors_change_their_length_is_not_mixed_up(
    db: Database, worker: Embedding, facts: list[Fact]
) -> None:
    user = await a_user(db)
    await a_context(db, user)
    await worker.work()
    await db.fetch("update embedding_models set dimensions = 32")
    await a_context(db, user, "Ada drinks tea.")
    await worker.work()
    (stalled,) = [fact for fact in facts if isinstance(fact, EmbeddingStalled)]
    assert "another name" in stalled.reason
    assert await near(db, user, "tea") == []
