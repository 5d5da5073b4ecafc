"""Which models there are to answer: made once, at the start, from their names and from what the environment holds.

A provider's key and base URL stand in the environment under the names that the provider gave them. What speaks to
providers is imported when the first hosted model is named: it takes longer than all the rest of a start.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from api.models.embedder import Embedders
from api.models.extractive import Extractive
from api.models.fallback import Fallback
from api.models.model import Model
from api.models.patience import Patience

if TYPE_CHECKING:
    from pydantic_ai.models.instrumented import InstrumentationSettings

    from api.models.hosted import Hosted
    from api.models.hosted_embedder import HostedEmbedder

MODELS: dict[str, Model] = {
    "extractive": Extractive(),
}
"""The models that are always there, by the name that settings and mutations use: they need no key and no network."""

FORM = "a name is provider:name, such as openai:gpt-5-mini, or extractive"


class Unreachable(Exception):
    """The model `name` cannot be reached. `str()` is one line with the remedy."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name


def reached(
    allowed: Iterable[str],
    fallbacks: Sequence[str],
    patience: Patience,
    instrument: InstrumentationSettings | None = None,
) -> dict[str, Model]:
    """The models that may be asked, by name; each falls back on the others in their order.

    Raises `Unreachable`. Nothing is sent anywhere.
    """
    asked = dict.fromkeys([*MODELS, *allowed])
    alone = {
        name: MODELS.get(name) or hosted(name, patience, instrument)
        for name in [*asked, *fallbacks]
    }
    others = [alone[name] for name in dict.fromkeys(fallbacks)]
    return {name: _backed(alone[name], others) for name in asked}


def _backed(model: Model, others: Sequence[Model]) -> Model:
    rest = [other for other in others if other is not model]
    return Fallback([model, *rest]) if rest and model.name not in MODELS else model


def hosted(
    name: str, patience: Patience, instrument: InstrumentationSettings | None = None
) -> Hosted:
    """The model of this name. Raises `Unreachable`."""
    if not name.partition(":")[2]:
        raise Unreachable(name, f"there is no model {name!r}; {FORM}.")
    made: Hosted = import_module("api.models.provided").hosted(name, patience, instrument)
    return made


def hosted_embedder(
    name: str, seconds: float, instrument: InstrumentationSettings | None = None
) -> HostedEmbedder:
    """The embedding model of this name. Raises `Unreachable`."""
    module = import_module("api.models.hosted_embedder")
    made: HostedEmbedder = module.hosted_embedder(name, seconds, instrument)
    return made


def hosted_embedders(
    serving: str | None,
    preparing: str | None,
    seconds: float,
    instrument: InstrumentationSettings | None = None,
) -> Embedders:
    """The embedding models of these names; none for none. Raises `Unreachable`."""
    return Embedders(
        hosted_embedder(serving, seconds, instrument) if serving else None,
        hosted_embedder(preparing, seconds, instrument) if preparing else None,
    )


@asynccontextmanager
async def connected(models: Mapping[str, Model]) -> AsyncIterator[None]:
    """The connections that models keep are kept for the length of the block, and closed at its end."""
    async with AsyncExitStack() as stack:
        for model in models.values():
            for one in model.models if isinstance(model, Fallback) else (model,):
                if isinstance(one, AbstractAsyncContextManager):
                    await stack.enter_async_context(one)
        yield
