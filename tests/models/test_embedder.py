"""Embedding models through the real client and real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from api.errors import ModelTimeout, ModelUnavailable
from api.models import Unreachable
from api.models.embedder import NONE, TextRefused
from api.models.hosted_embedder import hosted_embedder
from api.models.reached import hosted_embedders
from tests.embedding_server import KEY, EmbeddingServer, an_embedder, embedding_server, vector_of


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EmbeddingServer]:
    async with embedding_server(monkeypatch) as server:
        yield server


async def test_texts_become_vectors_in_their_order(provider: EmbeddingServer) -> None:
    async with an_embedder("openai:words-8") as embedder:
        assert await embedder.query("chess") == vector_of("chess", 8)
        texts = ["Ada plays chess.", "She drinks tea."]
        assert await embedder.documents(texts) == [vector_of(text, 8) for text in texts]
    assert provider.asked == [["chess"], texts]


@pytest.mark.parametrize(
    ("status", "kind", "remedy"),
    [
        (400, TextRefused, "refused a text"),
        (413, TextRefused, "refused a text"),
        (401, ModelUnavailable, "check the key"),
        (404, ModelUnavailable, "check its name"),
        (429, ModelUnavailable, "ask again"),
        (503, ModelUnavailable, "ask again"),
    ],
)
async def test_a_refusal_says_what_to_do_and_never_repeats_text_or_key(
    provider: EmbeddingServer, status: int, kind: type[ModelUnavailable], remedy: str
) -> None:
    provider.status = status
    async with an_embedder() as embedder:
        with pytest.raises(ModelUnavailable, match=remedy) as refused:
            await embedder.documents(["a secret text"])
    assert type(refused.value) is kind
    assert "openai:words-64" in str(refused.value)
    assert KEY not in str(refused.value)
    assert "secret" not in str(refused.value)


async def test_a_query_does_not_wait_longer_than_it_may(provider: EmbeddingServer) -> None:
    provider.gate = asyncio.Event()
    async with an_embedder(seconds=0.05) as embedder:
        with pytest.raises(ModelTimeout, match=r"within 0\.05 seconds"):
            await embedder.query("chess")
    provider.gate.set()


async def test_a_provider_that_is_not_there_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    async with an_embedder() as embedder:
        with pytest.raises(ModelUnavailable, match="check the network"):
            await embedder.query("chess")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("openai:text-embedding-3-small", "OPENAI_API_KEY"),
        ("ollama:nomic-embed-text", "OLLAMA_BASE_URL"),
        ("sentence-transformers:any", "sentence-transformers"),
        ("oracle:any", "provider:name"),
        ("nameless", "provider:name"),
    ],
)
def test_a_model_that_cannot_be_is_refused_at_the_start(
    name: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OLLAMA_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(Unreachable, match=why):
        hosted_embedder(name, 1.0)


async def test_the_models_of_the_settings_are_each_worked_for_once(
    provider: EmbeddingServer,
) -> None:
    assert hosted_embedders(None, None, 1.0) == NONE
    both = hosted_embedders("openai:a-8", "openai:b-8", 1.0)
    assert [one.name for one in both.all()] == ["openai:a-8", "openai:b-8"]
    same = hosted_embedders("openai:a-8", "openai:a-8", 1.0)
    assert [one.name for one in same.all()] == ["openai:a-8"]
