"""What a line of an export can be: one model a kind, held strictly, so that nothing odd reaches the store."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self, TypeVar
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from api import context_types
from api.carry.fields import (
    Comment,
    Count,
    Counts,
    ExternalId,
    Number,
    Object,
    Real,
    Score,
    Text,
    Time,
)
from api.errors import BadUserInput
from api.grounding.found import Reason, Section

VERSION: Final = 2
"""Of the format; a line that has more or other keys makes another version. In the first there were no ratings."""

LONGEST_TOLD = 300
"""Characters that are said about what is wrong with a line."""


class Malformed(Exception):
    """A line is not as it must be; the text says why, and nothing of what it holds but names."""


class Line(BaseModel):
    """The ancestor of all: nothing is read as something else, and there is nothing beside."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Header(Line):
    kind: Literal["header"]
    format: Literal["contextql-export"]
    version: Literal[1, 2]
    exported_at: Time
    language: Text
    counts: Counts


class User(Line):
    kind: Literal["user"]
    external_id: ExternalId
    name: Text | None
    metadata: Object
    created_at: Time
    updated_at: Time


class Conversation(Line):
    kind: Literal["conversation"]
    id: UUID
    title: Text | None
    metadata: Object
    created_at: Time
    updated_at: Time
    is_active: bool
    version: Number


class Written(Line):
    """What a context and each of its versions have; the content fits its type, as when it was written."""

    context_type: str
    content: Object
    metadata: Object
    expires_at: Time | None
    is_active: bool
    version: Number
    search: Text

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        try:
            context_types.validated(self.context_type, self.content)
        except BadUserInput as error:
            raise ValueError(str(error)) from error
        return self

    @property
    def text(self) -> str:
        """What its search text is made of."""
        return context_types.searchable(self.context_type, self.content)


class Context(Written):
    kind: Literal["context"]
    id: UUID
    conversation_id: UUID | None
    created_at: Time
    updated_at: Time
    embeddings: dict[str, list[float]] | None = None


class Version(Written):
    kind: Literal["version"]
    context_id: UUID
    valid_from: Time
    valid_to: Time


class Stored(BaseModel):
    """The ancestor of what stands in a column as JSON: as `api.grounding.receipt` reads it."""

    model_config = ConfigDict(strict=True, frozen=True, alias_generator=to_camel)


class PromptMessage(Stored):
    role: Literal["SYSTEM", "USER", "ASSISTANT"]
    text: Text


class Item(Stored):
    context_id: UUID
    context_version: Number
    section: Section
    included: bool
    reason: Reason
    rank: Count
    score: Real
    keyword_score: Real | None
    semantic_score: Real | None = None
    tokens: Count
    truncated: bool
    number: Count | None = None


class Receipt(Stored):
    tokens: Count
    prompt: list[PromptMessage]
    items: list[Item]


class Response(Line):
    kind: Literal["response"]
    id: UUID
    conversation_id: UUID
    status: Literal["PENDING", "STREAMING", "COMPLETED", "FAILED", "CANCELLED"]
    message: Text
    text: Text
    model: Text
    budget: Count
    as_of: Time | None
    grounding: Receipt | None
    rests_on: list[UUID]
    input_tokens: Count | None
    output_tokens: Count | None
    cost_usd: Real | None
    groundedness: Real | None
    delta_ends: list[Count]
    error_code: Text | None
    error_message: Text | None
    created_at: Time
    first_token_at: Time | None
    completed_at: Time | None
    rating: Score | None = None
    rating_comment: Comment | None = None
    rated_at: Time | None = None

    @model_validator(mode="after")
    def _has_ended_or_not(self) -> Self:
        if (self.completed_at is None) != (self.status in {"PENDING", "STREAMING"}):
            raise ValueError("completed_at and status contradict each other")
        return self

    @model_validator(mode="after")
    def _is_rated_or_not(self) -> Self:
        has_words = self.rating_comment is not None
        if (self.rating is None) != (self.rated_at is None) or (has_words and self.rating is None):
            raise ValueError("rating, rating_comment and rated_at contradict each other")
        return self


class Growth(Line):
    kind: Literal["growth"]
    conversation_id: UUID
    turns: Count


class Seal(Line):
    """Stands after every few hundred lines: the SHA-256 of all bytes before it."""

    kind: Literal["seal"]
    sha256: str


class Trailer(Line):
    kind: Literal["trailer"]
    counts: Counts
    sha256: str


Row = User | Conversation | Context | Version | Response | Growth
AnyLine = Row | Seal | Trailer

_Model = TypeVar("_Model")

_ANY: TypeAdapter[AnyLine] = TypeAdapter(Annotated[AnyLine, Field(discriminator="kind")])
_HEADER = TypeAdapter(Header)


class _Claimed(BaseModel):
    """What the first line says that the file is."""

    model_config = ConfigDict(strict=True)

    format: Literal["contextql-export"]
    version: int


def header(raw: bytes) -> Header:
    """The first line of a file. Raises `Malformed`."""
    try:
        claimed = _Claimed.model_validate_json(raw)
    except ValidationError as error:
        raise Malformed("this is not an export of ContextQL") from error
    if claimed.version > VERSION:
        raise Malformed(
            f"the file has version {claimed.version} of the format, and this version of ContextQL reads "
            f"version {VERSION}; import it with a newer one"
        )
    return _valid(_HEADER, raw)


def line(raw: bytes) -> AnyLine:
    """Any line but the first. Raises `Malformed`."""
    return _valid(_ANY, raw)


def _valid(adapter: TypeAdapter[_Model], raw: bytes) -> _Model:
    try:
        return adapter.validate_json(raw)
    except ValidationError as error:
        raise Malformed(_told(error)) from None


def _told(error: ValidationError) -> str:
    problems = [
        ": ".join(
            [
                *filter(None, [".".join(map(str, one["loc"]))]),
                one["msg"].removeprefix("Value error, "),
            ]
        )
        for one in error.errors(include_url=False, include_input=False)[:3]
    ]
    return plain("; ".join(problems))


def plain(text: str) -> str:
    """The text on one line that a terminal can show, cut where it is long."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    return shown if len(shown) <= LONGEST_TOLD else f"{shown[:LONGEST_TOLD]}…"
