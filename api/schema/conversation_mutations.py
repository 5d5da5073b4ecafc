"""Writing conversations."""

from __future__ import annotations

from typing import Annotated

import strawberry
from pydantic import Field

from api.errors import BadUserInput
from api.schema import conversation
from api.schema.circles import Conversation
from api.schema.identity import Kind, named
from api.schema.info import Info
from api.schema.inputs import (
    CONFLICTING,
    RETRYING,
    IdempotencyKey,
    Input,
    Metadata,
    Title,
    as_object,
)
from api.schema.retried import retried
from db import conversations

_TITLE = "What to call it: at most 200 characters."
_METADATA = "What else to keep with it: a JSON object of at most 16 KiB."


@strawberry.pydantic.input(description="A conversation to begin.")
class CreateConversationInput(Input):
    user_id: strawberry.ID = Field(description="The user it is with.")
    title: Title | None = Field(None, description=_TITLE)
    metadata: Metadata | None = Field(None, description=_METADATA)
    idempotency_key: IdempotencyKey | None = Field(None, description=RETRYING)


@strawberry.pydantic.input(
    description="A change to a conversation. What is left out stays as it is."
)
class UpdateConversationInput(Input):
    id: strawberry.ID = Field(description="The conversation.")
    expected_version: int = Field(description=CONFLICTING)
    title: strawberry.Maybe[Title | None] = Field(None, description=f"{_TITLE} Null clears it.")
    metadata: Metadata | None = Field(None, description=f"{_METADATA} Replaces what is there.")


@strawberry.pydantic.input(description="A conversation to delete.")
class DeleteConversationInput(Input):
    id: strawberry.ID = Field(description="The conversation.")
    expected_version: int | None = Field(
        None, description=f"{CONFLICTING} Without it, any version is deleted."
    )


@strawberry.type(description="The conversation that was begun.")
class CreateConversationPayload:
    conversation: Conversation = strawberry.field(description="The conversation.")


@strawberry.type(description="The conversation as it now is.")
class UpdateConversationPayload:
    conversation: Conversation = strawberry.field(description="The conversation.")


@strawberry.type(description="The conversation that was deleted.")
class DeleteConversationPayload:
    conversation: Conversation = strawberry.field(description="The conversation, no longer active.")


@strawberry.type(description="Writing conversations.")
class ConversationMutations:
    @strawberry.mutation(description="Begin a conversation.")
    async def create_conversation(
        self,
        info: Info,
        input: Annotated[
            CreateConversationInput, strawberry.argument(description="The conversation.")
        ],
    ) -> CreateConversationPayload:
        user_id, _ = named(Kind.User, input.user_id)
        metadata = as_object(input.metadata) if input.metadata is not None else {}
        record = await retried(
            info,
            user_id,
            input,
            lambda db: conversations.create(db, user_id, input.title, metadata),
            info.context.loaders.conversations.load,
        )
        return CreateConversationPayload(conversation=conversation.Conversation(record=record))

    @strawberry.mutation(description="Change the title or the metadata of a conversation.")
    async def update_conversation(
        self,
        info: Info,
        input: Annotated[UpdateConversationInput, strawberry.argument(description="The change.")],
    ) -> UpdateConversationPayload:
        if input.title is None and input.metadata is None:
            raise BadUserInput("Nothing is to be changed; pass title or metadata.")
        record = await conversations.update(
            info.context.db,
            *named(Kind.Conversation, input.id),
            input.expected_version,
            title=(input.title.value,) if input.title is not None else None,
            metadata=as_object(input.metadata) if input.metadata is not None else None,
        )
        return UpdateConversationPayload(conversation=conversation.Conversation(record=record))

    @strawberry.mutation(
        description="Delete a conversation softly, and with it the contexts that belong to it."
    )
    async def delete_conversation(
        self,
        info: Info,
        input: Annotated[
            DeleteConversationInput, strawberry.argument(description="The conversation.")
        ],
    ) -> DeleteConversationPayload:
        record = await conversations.soft_delete(
            info.context.db, *named(Kind.Conversation, input.id), input.expected_version
        )
        return DeleteConversationPayload(conversation=conversation.Conversation(record=record))
