"""A server on loopback that embeds as OpenAI's and every compatible one does: real HTTP, and vectors by words."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.models.hosted_embedder import HostedEmbedder, hosted_embedder
from tests.serving import serving_plainly

KEY = "sk-very-secret"


def vector_of(text: str, dimensions: int) -> list[float]:
    """The words of the text, counted in as many buckets: texts that share words lie near each other."""
    vector = [0.0] * dimensions
    for word in re.findall(r"\w+", text.lower()):
        vector[zlib.crc32(word.encode()) % dimensions] += 1.0
    return vector


@dataclass
class EmbeddingServer:
    """What the provider does, and what it was asked: `asked` has the texts of each request, the refused ones too.

    A model's name ends with its number of dimensions. `status` answers every request when it is set, a text with a
    word of `poison` is refused, and with `gate` set a request waits before it is answered.
    """

    status: int | None = None
    poison: dict[str, int] = field(default_factory=dict)
    """Status by word."""
    gate: asyncio.Event | None = None
    asked: list[list[str]] = field(default_factory=list)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def embed(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body["input"])
        if self.gate is not None:
            self.waiting.set()
            await self.gate.wait()
        status = self.status or self._refused(body["input"])
        if status is not None:
            said = f"{body['input']} {request.headers['authorization']}"
            return JSONResponse(
                {"error": {"message": said}}, status, headers={"x-should-retry": "false"}
            )
        dimensions = int(body["model"].split("-")[-1])
        vectors = [vector_of(text, dimensions) for text in body["input"]]
        data = [
            {"object": "embedding", "index": index, "embedding": vector}
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return JSONResponse(
            {"object": "list", "data": data, "model": body["model"], "usage": usage}
        )

    def _refused(self, texts: Sequence[str]) -> int | None:
        return next(
            (status for word, status in self.poison.items() if any(word in text for text in texts)),
            None,
        )

    @property
    def texts(self) -> list[str]:
        """All that it was asked to embed, in order."""
        return [text for texts in self.asked for text in texts]


@asynccontextmanager
async def embedding_server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EmbeddingServer]:
    """A provider that `openai:…` leads to for the length of the test."""
    server = EmbeddingServer()
    app = Starlette(routes=[Route("/v1/embeddings", server.embed, methods=["POST"])])
    async with serving_plainly(app) as address:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{address}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield server


@asynccontextmanager
async def an_embedder(
    name: str = "openai:words-64", seconds: float = 5.0
) -> AsyncIterator[HostedEmbedder]:
    """The real client of that model."""
    async with hosted_embedder(name, seconds) as embedder:
        yield embedder
