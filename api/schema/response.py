"""Responses in the graph: generated answers, each with its receipt."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import strawberry

from api.grounding import receipt
from api.schema import citation, conversation, grounding, rating, user
from api.schema.circles import Conversation, User
from api.schema.error_code import ErrorCode
from api.schema.found import there
from api.schema.identity import Kind
from api.schema.info import Info
from api.schema.node import Node, stored
from db import records


@strawberry.enum(description="How far a response has come.")
class ResponseStatus(Enum):
    PENDING = strawberry.enum_value("PENDING", description="Asked, not begun.")
    STREAMING = strawberry.enum_value("STREAMING", description="The model is speaking.")
    COMPLETED = strawberry.enum_value("COMPLETED", description="Finished well.")
    FAILED = strawberry.enum_value(
        "FAILED", description="Ended by an error; the text so far is kept."
    )
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="Ended on request; the text so far is kept."
    )


@strawberry.type(description="Why a response failed.")
class ResponseError:
    code: ErrorCode = strawberry.field(description="What kind of failure.")
    message: str = strawberry.field(description="What happened, and the remedy.")


@strawberry.type(description="The size of what a model read and wrote, as it reported it.")
class TokenUsage:
    input_tokens: int = strawberry.field(description="Tokens read.")
    output_tokens: int = strawberry.field(description="Tokens written.")
    cost_usd: float | None = strawberry.field(
        description="What that costs by the provider's list price, in US dollars; null when none is known."
    )


@strawberry.type(description="A generated answer, with the receipt of what it rests on.")
class Response(Node):
    kind = Kind.Response
    record: strawberry.Private[records.Response]
    message: str = stored("What the user asked.")
    text: str = stored("What the model has said so far.")
    model: str = stored(
        "The model that answers: the one that was asked, or the first of those behind it that could."
    )
    as_of: datetime | None = stored(
        "The moment whose contexts it rests on; null: those of when it was asked."
    )
    groundedness: float | None = stored(
        "How much of the text the contexts in the prompt support, from 0 to 1, judged by words and without a model: "
        "a paraphrase lowers it, and it sees neither negation nor inference. Null until it is complete, and for a "
        "text that states nothing."
    )
    created_at: datetime = stored("When it was asked.")
    first_token_at: datetime | None = stored("When the model said its first words.")
    completed_at: datetime | None = stored("When it reached its last state.")

    @strawberry.field(description="The user it answers.")
    def user(self, info: Info) -> User:
        return user.owner(info, self.record.user_id)

    @strawberry.field(description="The conversation it is a part of.")
    def conversation(self, info: Info) -> Conversation:
        key = self.record.user_id, self.record.conversation_id
        return there(info.context.loaders.conversations, key, conversation.Conversation)

    @strawberry.field(description="How far it has come.")
    def status(self) -> ResponseStatus:
        return ResponseStatus[self.record.status]

    @strawberry.field(
        name="grounding",
        description=(
            "The receipt: what this answer was given, true even after later edits. "
            "Null until the prompt is made."
        ),
    )
    def rests_on(self) -> grounding.Grounding | None:
        if self.record.grounding is None:
            return None
        stored_receipt = receipt.read(self.record.grounding)
        return grounding.shown(self.record.user_id, self.record.budget, stored_receipt)

    @strawberry.field(
        description=(
            "The citations in the text so far, in order: each mark like `[2]`, for each item of the prompt that it "
            "names. A number that names none is no citation."
        )
    )
    def citations(self) -> list[citation.Citation]:
        return citation.cited(self.record)

    @strawberry.field(description="What the model read and wrote; null until it has reported it.")
    def usage(self) -> TokenUsage | None:
        if self.record.input_tokens is None or self.record.output_tokens is None:
            return None
        return TokenUsage(
            input_tokens=self.record.input_tokens,
            output_tokens=self.record.output_tokens,
            cost_usd=self.record.cost_usd,
        )

    @strawberry.field(
        name="rating", description="What its user thought of it; null until it is rated."
    )
    def rated(self) -> rating.Rating | None:
        return rating.shown(self.record)

    @strawberry.field(description="Why it failed, if it did.")
    def error(self) -> ResponseError | None:
        if self.record.error_code is None:
            return None
        return ResponseError(
            code=ErrorCode[self.record.error_code], message=self.record.error_message or ""
        )
