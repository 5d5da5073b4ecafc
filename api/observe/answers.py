"""What is observed of grounding, of models and of what they answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What is known about a user was searched, to show it (`search`) or to answer from it (`grounding`)."""

    user_id: str
    purpose: str
    found: int
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Grounded:
    """A prompt was made. `tokens` of the `budget` are used; `included` contexts are in it, `left_out` are not."""

    user_id: str
    tokens: int
    budget: int
    included: int
    left_out: int
    duration_ms: float


@dataclass(frozen=True, slots=True)
class ModelCalled:
    """A language model has spoken its last, or failed. `first_ms` is the time to its first word.

    `code` says why it failed; `CANCELLED` if it was stopped. Tokens and price are what the provider has reported.
    """

    model: str
    purpose: str
    """`answer` or `summary`."""
    code: str | None
    first_ms: float | None
    duration_ms: float
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class TextsEmbedded:
    """An embedding model was asked for the vectors of so many texts: of a `query`, or of `documents`."""

    model: str
    purpose: str
    texts: int
    code: str | None
    duration_ms: float


@dataclass(frozen=True, slots=True)
class MeaningLost:
    """A message could not be embedded, and was searched for by its words alone."""

    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class ModelPassedOver:
    """A model could not begin its answer, and another one answers."""

    response_id: str
    model: str
    answering: str
    why: str


@dataclass(frozen=True, slots=True)
class ResponseEnded:
    """A response reached its last state."""

    response_id: str
    user_id: str
    model: str
    status: str
    code: str | None
    duration_ms: float
    first_word_ms: float | None
    """From the question to the first word of the answer, as it was stored."""
    groundedness: float | None


@dataclass(frozen=True, slots=True)
class ResponseRated:
    """A user has said what the response was worth: a `score` from 1 to 5. Of a comment nothing is told."""

    response_id: str
    user_id: str
    model: str
    score: int


@dataclass(frozen=True, slots=True)
class Summarised:
    """A summary has taken up so many turns of a conversation, or could not: then there is a code."""

    conversation_id: str
    user_id: str
    model: str
    turns: int
    code: str | None
    duration_ms: float
