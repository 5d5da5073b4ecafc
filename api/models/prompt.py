"""What a model is given, and what it reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `role` is SYSTEM, USER or ASSISTANT."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A context that stands in the prompt under this number, and its text as the prompt has it."""

    number: int
    context_type: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages for a language model, and the same taken apart for one that is none.

    With `condense_to` they ask for a summary of the sources in so many tokens, not for an answer to the message.
    """

    messages: tuple[Message, ...]
    sources: tuple[Source, ...]
    message: str
    condense_to: int | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What the model says it has read and written, in its own tokens, and its list price where that is known."""

    input_tokens: int
    output_tokens: int
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """Another model than the one that was asked says what follows; `why` is what kept those before it."""

    model: str
    why: str
