"""What every way of reaching a model has to offer."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from api.models.prompt import Answering, Prompt, Usage


class Model(Protocol):
    """Something that answers a prompt."""

    @property
    def name(self) -> str:
        """What settings and mutations call it."""

    @property
    def provider(self) -> str:
        """Who runs it."""

    def stream(self, prompt: Prompt) -> AsyncGenerator[str | Usage | Answering, None]:
        """The answer piece by piece, then what it took, if that is known.

        Before its first piece comes `Answering`, if somebody else answers. Raises `ModelUnavailable` or
        `ModelTimeout` when it cannot answer, or not to the end. It stops when it is cancelled or closed.
        """
