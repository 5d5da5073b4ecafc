"""The values that grounding passes from step to step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from api.grounding.wanted import Mode
from db.records import Context


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that wants an answer. `budget` is in tokens, for the whole prompt.

    `as_of` asks for the contexts as they stood at that moment; None for the present.
    """

    user_id: UUID
    message: str
    conversation_id: UUID | None
    budget: int
    as_of: datetime | None = None
    mode: Mode = Mode.HYBRID


@dataclass(frozen=True, slots=True)
class Match:
    """A context that search has found. `score` is from 0 to 1, a part of the best one's.

    `keyword_score` and `semantic_score` are None where that arm has not found it: without either, it came along
    with a neighbour. `is_noise`: it lies so far behind the best that it is better left out.
    """

    context: Context
    score: float
    keyword_score: float | None = None
    semantic_score: float | None = None
    is_noise: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What may help to answer. `turns` are oldest first, `matches` best first."""

    profile: Context | None = None
    summary: Context | None = None
    turns: tuple[Context, ...] = ()
    matches: tuple[Match, ...] = ()

    def contexts(self) -> Iterator[Context]:
        """Each context that was read."""
        yield from (one for one in (self.profile, self.summary) if one is not None)
        yield from self.turns
        yield from (match.context for match in self.matches)


class Section(StrEnum):
    """The parts of the prompt, in the order they stand in it."""

    PROFILE = "PROFILE"
    KNOWLEDGE = "KNOWLEDGE"
    SUMMARY = "SUMMARY"
    CONVERSATION = "CONVERSATION"


class Reason(StrEnum):
    """Why something is in the prompt, or why not."""

    PROFILE = "PROFILE"
    RECENT = "RECENT"
    RELEVANT = "RELEVANT"
    NEIGHBOUR = "NEIGHBOUR"
    OVER_BUDGET = "OVER_BUDGET"
    BELOW_THRESHOLD = "BELOW_THRESHOLD"
    DUPLICATE = "DUPLICATE"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A context that wants into the prompt. `rank` counts from 1 in its section, `score` is from 0 to 1.

    `text` is how a model would read it; `reason` is why it should be in, or `DUPLICATE`.
    """

    context: Context
    text: str
    section: Section
    reason: Reason
    rank: int
    score: float
    keyword_score: float | None = None
    semantic_score: float | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A candidate and what became of it. `text` is what of it is in the prompt, `tokens` what that takes.

    `number` is the one it has in the prompt, by which an answer cites it; None until the prompt is made, or left out.
    """

    candidate: Candidate
    included: bool
    reason: Reason
    text: str
    tokens: int
    truncated: bool = False
    number: int | None = None


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message for the model; `role` is SYSTEM, USER or ASSISTANT."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """An item in the prompt, under the number that it has there."""

    number: int
    context_type: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Grounding:
    """The finished prompt. `tokens` is its estimated size, never more than `budget`.

    `items` are those in the prompt, then those left out; `sources` number those in the prompt.
    """

    budget: int
    tokens: int
    prompt: tuple[PromptMessage, ...]
    items: tuple[Item, ...]
    sources: tuple[Source, ...]
