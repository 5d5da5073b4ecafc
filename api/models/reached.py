"""Which models there are to answer: made once, at the start, from their names and from what the environment holds.

A provider's key and base URL stand in the environment under the names that the provider gave them.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import infer_model
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.settings import ModelSettings

from api.models.extractive import Extractive
from api.models.fallback import Fallback
from api.models.hosted import Hosted, Patience
from api.models.model import Model

MODELS: dict[str, Model] = {
    "extractive": Extractive(),
}
"""The models that are always there, by the name that settings and mutations use: they need no key and no network."""

EXTRAS = {
    "openai": "contextql[openai]",
    "openai-chat": "contextql[openai]",
    "openai-responses": "contextql[openai]",
    "ollama": "contextql[ollama]",
    "anthropic": "contextql[anthropic]",
    "google": "contextql[google]",
}
"""What to install for the providers that we have tried; for others it is the library's own extra."""

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
    provider, _, own = name.partition(":")
    if not own:
        raise Unreachable(name, f"there is no model {name!r}; {FORM}.")
    api = _api(provider)
    with remedied(name, provider):
        model = infer_model(f"{api}:{own}")
        return Hosted(name, model, patience, _settings(api), instrument)


def _api(provider: str) -> str:
    """Other servers than OpenAI's speak the older of its two interfaces."""
    elsewhere = provider == "openai" and os.environ.get("OPENAI_BASE_URL")
    return "openai-chat" if elsewhere else provider


def _settings(api: str) -> ModelSettings:
    settings = ModelSettings(
        # Retries are ours: theirs would not end before the next model's turn.
        max_retries=0,
        # The prompt goes out as the receipt has it.
        framing_announcement="never",
    )
    if api in {"openai", "openai-responses"}:
        # OpenAI's newer interface keeps what it is sent unless it is told not to.
        settings["openai_store"] = False  # type: ignore[typeddict-unknown-key]  # its own settings need its package
    return settings


@contextmanager
def remedied(name: str, provider: str) -> Iterator[None]:
    """What a provider misses becomes one line that says how to mend it."""
    try:
        yield
    except ImportError:
        extra = EXTRAS.get(provider, f"pydantic-ai-slim[{provider}]")
        install = f"{sys.executable} -m pip install '{extra}'"
        why = f"the package for {name!r} is missing; mend it with: {install}"
    except UserError as error:
        why = _missing(name, str(error))
    else:
        return
    raise Unreachable(name, why)


def _missing(name: str, said: str) -> str:
    """The first variable that the library asks for is the one that is meant."""
    if variables := re.findall(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`", said):
        return f"{name!r} needs {variables[0]} in the environment."
    return f"there is no model {name!r}; {FORM}."


@asynccontextmanager
async def connected(models: Mapping[str, Model]) -> AsyncIterator[None]:
    """The connections that models keep are kept for the length of the block, and closed at its end."""
    async with AsyncExitStack() as stack:
        for model in models.values():
            for one in model.models if isinstance(model, Fallback) else (model,):
                if isinstance(one, AbstractAsyncContextManager):
                    await stack.enter_async_context(one)
        yield
