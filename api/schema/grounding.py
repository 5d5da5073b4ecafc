"""The receipt of an answer in the graph: what it was given, and why."""

from __future__ import annotations

from enum import Enum
from uuid import UUID

import strawberry

from api.grounding import receipt
from api.schema import context
from api.schema.circles import Context
from api.schema.found import found
from api.schema.info import Info
from api.schema.node import stored


@strawberry.enum(description="Who speaks in a message of the prompt.")
class PromptRole(Enum):
    SYSTEM = strawberry.enum_value("SYSTEM", description="The server: its rules and the contexts.")
    USER = strawberry.enum_value("USER", description="The user.")
    ASSISTANT = strawberry.enum_value("ASSISTANT", description="The model.")


@strawberry.enum(description="The part of the prompt that an item belongs to.")
class GroundingSection(Enum):
    PROFILE = strawberry.enum_value("PROFILE", description="The user's profile document.")
    KNOWLEDGE = strawberry.enum_value("KNOWLEDGE", description="Contexts that match the message.")
    SUMMARY = strawberry.enum_value("SUMMARY", description="Older turns, condensed.")
    CONVERSATION = strawberry.enum_value(
        "CONVERSATION", description="The newest turns of the conversation."
    )


@strawberry.enum(description="Why an item is in the prompt, or why it was left out.")
class GroundingReason(Enum):
    PROFILE = strawberry.enum_value("PROFILE", description="In: it is the profile.")
    RECENT = strawberry.enum_value("RECENT", description="In: it is recent in this conversation.")
    RELEVANT = strawberry.enum_value("RELEVANT", description="In: it matches the message.")
    NEIGHBOUR = strawberry.enum_value(
        "NEIGHBOUR", description="In: it stands beside something relevant in the same conversation."
    )
    OVER_BUDGET = strawberry.enum_value(
        "OVER_BUDGET", description="Out: the token budget had no room for it."
    )
    BELOW_THRESHOLD = strawberry.enum_value(
        "BELOW_THRESHOLD", description="Out: it matches the message too little."
    )
    DUPLICATE = strawberry.enum_value(
        "DUPLICATE", description="Out: the same is already in the prompt."
    )


@strawberry.type(description="One message of the prompt, exactly as the model was sent it.")
class PromptMessage:
    role: PromptRole = strawberry.field(description="Who speaks.")
    text: str = strawberry.field(description="What is said.")


@strawberry.type(description="A context that was considered for an answer.")
class GroundingItem:
    record: strawberry.Private[receipt.ReceiptItem]
    user_id: strawberry.Private[UUID]
    context_version: int = stored(
        "The version of the context that was read; the receipt stays true after later edits."
    )
    included: bool = stored("Whether it is in the prompt.")
    rank: int = stored("Its place in its section by relevance, from 1.")
    score: float = stored("How relevant it was found, from 0 to 1; comparable within one section.")
    keyword_score: float | None = stored(
        "How well its words match the message; null if not searched."
    )
    semantic_score: float | None = stored(
        "How near its meaning is to the message; null if not searched."
    )
    number: int | None = stored(
        "Its number in the prompt, by which the answer cites it; null if it was left out."
    )
    tokens: int = stored("Estimated size in the prompt, in tokens.")
    truncated: bool = stored("Whether only its beginning is in the prompt.")

    @strawberry.field(description="The context as it is now; null once it is gone.")
    def context(self, info: Info) -> Context | None:
        key = self.user_id, self.record.context_id
        return found(info.context.loaders.contexts, key, context.Context)

    @strawberry.field(description="The part of the prompt it belongs to.")
    def section(self) -> GroundingSection:
        return GroundingSection[self.record.section]

    @strawberry.field(description="Why it is in, or why it was left out.")
    def reason(self) -> GroundingReason:
        return GroundingReason[self.record.reason]


@strawberry.type(
    description="What an answer rests on: the exact prompt, and every context considered."
)
class Grounding:
    budget: int = strawberry.field(description="Tokens that the prompt was allowed.")
    tokens: int = strawberry.field(
        description="Tokens that the prompt takes, estimated on the safe side; never more than the budget."
    )
    prompt: list[PromptMessage] = strawberry.field(
        description="The exact messages that the model was sent."
    )
    items: list[GroundingItem] = strawberry.field(
        description="The contexts in the prompt, best first, then those left out."
    )


def shown(user_id: UUID, budget: int, stored_receipt: receipt.Receipt) -> Grounding:
    """The receipt as the graph shows it."""
    return Grounding(
        budget=budget,
        tokens=stored_receipt.tokens,
        prompt=[
            PromptMessage(role=PromptRole[message.role], text=message.text)
            for message in stored_receipt.prompt
        ],
        items=[GroundingItem(record=item, user_id=user_id) for item in stored_receipt.items],
    )
