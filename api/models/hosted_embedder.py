"""An embedding model of a provider, hosted or local, through pydantic-ai."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

from httpx2 import HTTPError
from pydantic_ai.embeddings import (
    EmbeddingModel,
    infer_embedding_model,
    instrument_embedding_model,
)
from pydantic_ai.exceptions import (
    AgentRunError,
    ModelAuthenticationError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelRequestRejectedError,
)
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.providers import Provider, infer_provider

from api.errors import ModelTimeout, ModelUnavailable
from api.models.embedder import TextRefused
from api.models.failure import failure
from api.models.provided import remedied
from api.models.reached import Unreachable

DOCUMENTS_SECONDS = 60.0
"""How long a batch of texts may take; nobody waits for it."""

FORM = "a name is provider:name, such as openai:text-embedding-3-small"


@dataclass(frozen=True, slots=True)
class HostedEmbedder:
    """`seconds` is the patience for a query. Connections are kept within an `async with`."""

    name: str
    model: EmbeddingModel
    provider: Provider[Any]
    seconds: float

    @property
    def client(self) -> object:
        """What the provider's own library speaks through."""
        return self.provider.client

    @property
    def address(self) -> str | None:
        return self.model.base_url

    async def __aenter__(self) -> HostedEmbedder:
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
        except TimeoutError:
            refusal: Exception = ModelTimeout(
                f"{self.name} has embedded nothing within {seconds:g} seconds; ask again shortly."
            )
        except Exception as error:  # noqa: BLE001  # a local model raises whatever it likes
            refusal = refused(self.name, error)
        else:
            return self._vectors(result.embeddings, len(texts))
        # Here the provider's error, which may hold a key or the text, is no part of ours.
        raise refusal

    def _vectors(self, made: Sequence[Sequence[float]], count: int) -> list[list[float]]:
        if len(made) != count:
            raise ModelUnavailable(f"{self.name} gave {len(made)} vectors for {count} texts.")
        return [[float(number) for number in vector] for vector in made]


def refused(name: str, error: Exception) -> ModelUnavailable | ModelTimeout:
    """What the error means for whoever had something embedded; never what the provider said of it."""
    match error:
        case ModelAuthenticationError() | ModelNotFoundError():
            return failure(name, error).refusal
        case ModelRequestRejectedError() | ModelHTTPError(status_code=413):
            return TextRefused(f"{name} refused a text.")
        case AgentRunError() | HTTPError():
            return failure(name, error).refusal
        case _:
            return ModelUnavailable(f"{name} failed ({type(error).__name__}); see its own log.")


def hosted_embedder(
    name: str, seconds: float, instrument: InstrumentationSettings | None = None
) -> HostedEmbedder:
    """The model of that name, `provider:name`. Raises `Unreachable`; nothing is sent anywhere."""
    providers: list[Provider[Any]] = []

    def inferred(provider: str) -> Provider[Any]:
        providers.append(infer_provider(provider))
        return providers[-1]

    try:
        with remedied(name, name.partition(":")[0]):
            model = infer_embedding_model(name, provider_factory=inferred)
    except ValueError:
        raise Unreachable(name, f"there is no embedding model {name!r}; {FORM}.") from None
    instrumented = instrument_embedding_model(model, instrument or False)
    return HostedEmbedder(name, instrumented, providers[-1], seconds)
