"""A user who has everything arrives in another deployment as she left the first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from api.models.reached import hosted_embedders
from db import embeddings, users
from db.pool import Access, Database, opened
from tests.asking import Asker
from tests.carry.carrying import exported, imported, parsed, rows
from tests.carry.life import a_life, serving, told
from tests.embedding_server import EmbeddingServer, embedding_server

SEARCH = """query($words: String!, $mode: SearchMode!) {
  user(by: { externalId: "ada" }) { search(query: $words, mode: $mode) { edges { node { text } } } }
}"""
WORDS = "Where does Ada stay, and what does the museum show?"
MODEL = "openai:words-64"


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EmbeddingServer]:
    async with embedding_server(monkeypatch) as server:
        yield server


async def found(asker: Asker, words: str, mode: str = "KEYWORD") -> list[str]:
    """The texts that are found."""
    answer = await asker.data(SEARCH, words=words, mode=mode)
    return [edge["node"]["text"] for edge in answer["user"]["search"]["edges"]]


async def until_embedded(asker: Asker) -> None:
    """Wait until its upkeep has seen the model, and done what there was to do."""
    async with asyncio.timeout(15):
        while True:
            models = await embeddings.waiting(asker.server.db)
            if models and all(one.is_walked and not one.missing for one in models):
                return
            await asyncio.sleep(0.05)


async def test_table_by_table_and_column_by_column_nothing_is_another_but_whose_it_is(
    reached: Access, elsewhere: Access
) -> None:
    async with serving(reached) as here, opened(elsewhere) as there:
        await a_life(here)
        db = here.server.db
        file = await exported(db)
        tallies = await imported(there, file)
        mine = await rows(db)
        assert await rows(there) == mine
        assert {table for table, found in mine.items() if found} >= {
            "users", "conversations", "contexts", "context_versions", "responses", "conversation_growth",
        }  # fmt: skip
        assert users.id_of(db, "ada") != users.id_of(there, "ada")
        header = parsed(file)[0]
        assert header["counts"] == {kind: tally.stored for kind, tally in tallies.items()}
        assert not any(tally.same or tally.kept for tally in tallies.values())
        assert [line["kind"] for line in parsed(await exported(there))] == [
            line["kind"] for line in parsed(file)
        ]
        assert parsed(await exported(there))[1:-1] == parsed(file)[1:-1]


async def test_the_graph_answers_as_before(reached: Access, elsewhere: Access) -> None:
    async with serving(reached) as here:
        await a_life(here)
        moment = datetime.now(UTC)
        before = await told(here, WORDS, moment)
        file = await exported(here.server.db)
    async with serving(elsewhere) as there:
        await imported(there.server.db, file)
        assert await told(there, WORDS, moment) == before
        found = before[0]["user"]["search"]["edges"]
        assert len(found) > 3
        statuses = {
            edge["node"]["status"]
            for talk in before[1]["user"]["conversations"]["edges"]
            for edge in talk["node"]["responses"]["edges"]
        }
        assert statuses == {"COMPLETED", "FAILED"}
        assert not here.faults[1:]
        assert not there.faults


async def test_what_was_embedded_comes_along_if_it_is_asked_for_and_nothing_is_embedded_twice(
    reached: Access, elsewhere: Access, provider: EmbeddingServer
) -> None:
    embedders = hosted_embedders(MODEL, None, 5.0)
    async with serving(reached, embedders) as here:
        await a_life(here)
        await until_embedded(here)
        moment = datetime.now(UTC)
        before = await told(here, WORDS, moment, mode="SEMANTIC")
        file = await exported(here.server.db, embedded=True)
        mine = await rows(here.server.db)
        asked = len(provider.texts)
    async with serving(elsewhere, embedders) as there:
        await until_embedded(there)
        tallies = await imported(there.server.db, file)
        assert tallies["context"].embedded == len(mine["context_embeddings"]) > 10
        assert await rows(there.server.db) == mine
        assert await told(there, WORDS, moment, mode="SEMANTIC") == before
        await until_embedded(there)
    assert set(provider.texts[asked:]) == {WORDS}


async def test_what_comes_without_embeddings_is_embedded_here(
    reached: Access, elsewhere: Access, provider: EmbeddingServer
) -> None:
    embedders = hosted_embedders(MODEL, None, 5.0)
    async with serving(reached) as here:
        await a_life(here)
        file = await exported(here.server.db, embedded=True)
    async with serving(elsewhere, embedders) as there:
        await imported(there.server.db, file)
        await until_embedded(there)
        assert await found(there, "Where does Ada stay?", mode="SEMANTIC")


async def test_embeddings_of_a_model_that_is_not_wanted_here_are_left(
    reached: Access, there: Database, provider: EmbeddingServer
) -> None:
    async with serving(reached, hosted_embedders(MODEL, None, 5.0)) as here:
        await a_life(here)
        await until_embedded(here)
        file = await exported(here.server.db, embedded=True)
    tallies = await imported(there, file)
    assert tallies["context"].stored > 20
    assert tallies["context"].embedded == 0
    assert (await rows(there))["context_embeddings"] == []


async def test_a_deployment_of_another_language_finds_it_as_what_it_stores_itself(
    reached: Access, elsewhere: Access
) -> None:
    async with serving(reached) as here:
        await a_life(here)
        file = await exported(here.server.db)
    async with serving(replace(elsewhere, language="simple")) as there:
        await imported(there.server.db, file)
        # English would find `drink` in `drinks`; simple takes each word as it stands.
        assert [len(await found(there, word)) for word in ("drink", "drinks")] == [0, 1]
        past = [row["search"] for row in (await rows(there.server.db))["context_versions"]]
        assert "'stays'" in str(past)
