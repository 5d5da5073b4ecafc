"""Embedding models: what turns a text into a vector, so that texts which mean alike lie near each other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Protocol

from pydantic_ai.embeddings import EmbeddingModel, infer_embedding_model
from pydantic_ai.exceptions import (
    ModelAuthenticationError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelRequestRejectedError,
    ModelTimeoutError,
    UserError,
)
from pydantic_ai.providers import Provider, infer_provider

from api.errors import ModelTimeout, ModelUnavailable

DOCUMENTS_SECONDS = 60.0
"""How long a batch of texts may take; nobody waits for it."""

TOO_LARGE = 413


class TextRefused(ModelUnavailable):
    """The provider is there, and refuses what it was given."""


class Unusable(Exception):
    """There can be no such embedding model here; the text says why."""


class Embedder(Protocol):
    """Something that turns texts into vectors, all of one length."""

    @property
    def name(self) -> str:
        """What settings call it; embeddings are stored under this name."""

    async def query(self, text: str) -> list[float]:
        """The vector of a text that others are searched by. Raises `ModelUnavailable` or `ModelTimeout`."""

    async def documents(self, texts: Sequence[str]) -> list[list[float]]:
        """The vectors of texts that are to be found, in their order.

        Raises `TextRefused` when one of them will not do, otherwise as `query`.
        """


@dataclass(frozen=True, slots=True)
class Embedders:
    """The embedding models of a process: the one that search asks, and the one that is prepared to replace it."""

    serving: Embedder | None = None
    preparing: Embedder | None = None

    def all(self) -> list[Embedder]:
        """Those that contexts are embedded by."""
        there = [one for one in (self.serving, self.preparing) if one is not None]
        return list({one.name: one for one in there}.values())


@dataclass(frozen=True, slots=True)
class ProvidedEmbedder:
    """A model of a provider, hosted or local. `seconds` is the patience for a query.

    Its connections are kept within an `async with`.
    """

    name: str
    model: EmbeddingModel
    provider: Provider[Any]
    seconds: float

    async def __aenter__(self) -> ProvidedEmbedder:
        await self.provider.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.provider.__aexit__(kind, error, trace)

    async def query(self, text: str) -> list[float]:
        return (await self._embedded([text], "query", self.seconds))[0]

    async def documents(self, texts: Sequence[str]) -> list[list[float]]:
        return await self._embedded(texts, "document", DOCUMENTS_SECONDS)

    async def _embedded(
        self, texts: Sequence[str], kind: Literal["query", "document"], seconds: float
    ) -> list[list[float]]:
        try:
            async with asyncio.timeout(seconds):
                result = await self.model.embed(texts, input_type=kind)
        except (TimeoutError, ModelTimeoutError) as error:
            raise ModelTimeout(
                f"The embedding model {self.name} gave no answer within {seconds:g} seconds; try again."
            ) from error
        except Exception as error:
            raise self._refusal(error) from error
        vectors = [[float(number) for number in vector] for vector in result.embeddings]
        if len(vectors) != len(texts):
            raise ModelUnavailable(
                f"The embedding model {self.name} gave {len(vectors)} vectors for {len(texts)} texts."
            )
        return vectors

    def _refusal(self, error: Exception) -> ModelUnavailable:
        """What may be said of it: never what the provider said, which may hold the text or a part of the key."""
        match error:
            case ModelAuthenticationError():
                return self._unavailable("is refused to us by its provider; check its key.")
            case ModelNotFoundError():
                return self._unavailable(
                    "is unknown to its provider; check its name and the provider's URL."
                )
            case ModelHTTPError(status_code=status) if status == TOO_LARGE or isinstance(
                error, ModelRequestRejectedError
            ):
                return TextRefused(
                    f"The embedding model {self.name} refused a text (HTTP {status})."
                )
            case ModelHTTPError(status_code=status):
                return self._unavailable(f"cannot be had just now (HTTP {status}); try again.")
            case _:
                return self._unavailable(
                    f"cannot be reached ({type(error).__name__}); check that its provider runs, and its URL."
                )

    def _unavailable(self, why: str) -> ModelUnavailable:
        return ModelUnavailable(f"The embedding model {self.name} {why}")


NONE = Embedders()
"""Search is by keywords alone, and nothing is embedded."""


def embedders_of(serving: str | None, preparing: str | None, seconds: float) -> Embedders:
    """The models of these names; none for none. Raises `Unusable`."""
    return Embedders(
        provided(serving, seconds) if serving else None,
        provided(preparing, seconds) if preparing else None,
    )


def provided(name: str, seconds: float) -> ProvidedEmbedder:
    """The model of that name, `provider:model`; its key and URL come from the provider's own environment variables.

    Raises `Unusable` when the provider is unknown, not installed, or not told how to be reached.
    """
    providers: list[Provider[Any]] = []

    def inferred(provider: str) -> Provider[Any]:
        providers.append(infer_provider(provider))
        return providers[-1]

    try:
        model = infer_embedding_model(name, provider_factory=inferred)
        return ProvidedEmbedder(name, model, providers[-1], seconds)
    except (ImportError, UserError, ValueError) as error:
        raise Unusable(f"there can be no embedding model {name!r}: {error}") from error
