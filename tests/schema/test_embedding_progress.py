"""A server with an embedding model: what is stored is embedded by itself, its progress is shown, search uses it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.models.reached import hosted_embedders
from api.observe import MeaningLost
from db.pool import Access
from tests.asking import Asker, asking
from tests.embedding_server import EmbeddingServer, embedding_server
from tests.schema.test_search import fact, known, searched, texts

PROGRESS = "{ embeddings { model serving embedded missing failing counted } }"
SERVING, NEXT = "openai:words-64", "openai:words-128"


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EmbeddingServer]:
    async with embedding_server(monkeypatch) as server:
        yield server


def progress(model: str, embedded: int, missing: int = 0, failing: int = 0) -> dict[str, Any]:
    return {
        "model": model,
        "serving": model == SERVING,
        "embedded": embedded,
        "missing": missing,
        "failing": failing,
        "counted": True,
    }


async def until_shown(asker: Asker, *expected: dict[str, Any]) -> None:
    async with asyncio.timeout(15):
        while (await asker.data(PROGRESS))["embeddings"] != list(expected):  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(0.05)


async def test_without_a_model_there_is_no_progress_to_show(asker: Asker) -> None:
    assert await asker.data(PROGRESS) == {"embeddings": []}


async def test_what_is_stored_is_embedded_by_itself_and_found_by_meaning(
    reached: Access, provider: EmbeddingServer
) -> None:
    async with asking(reached, embedders=hosted_embedders(SERVING, NEXT, 5.0)) as asker:
        user = await known(asker, fact("Ada plays chess."), fact("The engine is finished."))
        await until_shown(asker, progress(NEXT, 2), progress(SERVING, 2))
        found = await searched(asker, user, "Who plays chess?", mode="SEMANTIC", first=1)
        assert texts(found) == ["Ada plays chess."]
        assert found["edges"][0]["semanticScore"] > 0.5
        provider.poison = {"poison": 400}
        await known(asker, fact("This is poison."))
        await until_shown(asker, progress(NEXT, 2, 1, 1), progress(SERVING, 2, 1, 1))
        assert asker.faults == []


async def test_when_the_provider_is_away_words_alone_find(
    reached: Access, provider: EmbeddingServer
) -> None:
    async with asking(reached, embedders=hosted_embedders(SERVING, None, 5.0)) as asker:
        user = await known(asker, fact("Ada plays chess."))
        await until_shown(asker, progress(SERVING, 1))
        provider.status = 503
        found = await searched(asker, user, "chess")
        assert texts(found) == ["Ada plays chess."]
        assert [fact.model for fact in asker.facts if isinstance(fact, MeaningLost)] == [SERVING]
