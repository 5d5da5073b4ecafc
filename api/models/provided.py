"""A hosted model, made from its name through pydantic-ai, which takes a second to import: see `reached`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic_ai.exceptions import UserError
from pydantic_ai.models import infer_model
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.settings import ModelSettings

from api.models.hosted import Hosted
from api.models.patience import Patience
from api.models.reached import FORM, Unreachable

EXTRAS = {
    "openai": "contextql[openai]",
    "openai-chat": "contextql[openai]",
    "openai-responses": "contextql[openai]",
    "ollama": "contextql[ollama]",
    "anthropic": "contextql[anthropic]",
    "google": "contextql[google]",
}
"""What to install for the providers that we have tried; for others it is the library's own extra."""


def hosted(name: str, patience: Patience, instrument: InstrumentationSettings | None) -> Hosted:
    """The model of this name. Raises `Unreachable`."""
    provider, _, own = name.partition(":")
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
