"""Writing contexts: create, change, delete, restore, and the one profile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from typing import Annotated, Any
from uuid import UUID

import strawberry
from pydantic import Field

from api import context_types
from api.errors import BadUserInput
from api.schema import as_given, context
from api.schema.circles import Context
from api.schema.identity import Kind, conversation_of, named
from api.schema.info import Info
from api.schema.inputs import (
    CONFLICTING,
    RETRYING,
    ContextTypeName,
    IdempotencyKey,
    Input,
    JSONObject,
    Metadata,
    as_object,
    taken_whole,
)
from api.schema.retried import retried, retried_many
from api.schema.scalars import JSON
from api.schema.wrote import wrote, wrote_all
from db import context_writes, profiles, records
from db.context_writes import NewContext, Revision

MAX_BULK = 1000

_TYPE = "What it is: `profile`, `preference`, `knowledge`, `conversation`, `summary`, or a type of your own."
_CONTENT = "What is known, in the shape of its type: a JSON object of at most 256 KiB."
_METADATA = "What else to keep with it: a JSON object of at most 16 KiB."
_CONVERSATION = "The conversation it belongs to."
_EXPIRES = "From when on it counts as absent; without it, never."


@taken_whole
@strawberry.pydantic.input(description="A context to store.")
class CreateContextInput(Input):
    user_id: strawberry.ID = Field(description="The user it is about.")
    context_type: ContextTypeName = Field(description=_TYPE)
    content: JSONObject = Field(description=_CONTENT)
    metadata: Metadata | None = Field(None, description=_METADATA)
    conversation_id: strawberry.ID | None = Field(None, description=_CONVERSATION)
    expires_at: datetime | None = Field(None, description=_EXPIRES)
    idempotency_key: IdempotencyKey | None = Field(None, description=RETRYING)


@strawberry.pydantic.input(description="One of several contexts to store.")
class NewContextInput(Input):
    context_type: ContextTypeName = Field(description=_TYPE)
    content: JSONObject = Field(description=_CONTENT)
    metadata: Metadata | None = Field(None, description=_METADATA)
    conversation_id: strawberry.ID | None = Field(None, description=_CONVERSATION)
    expires_at: datetime | None = Field(None, description=_EXPIRES)
    created_at: datetime | None = Field(
        None, description="When it came to be, for what is brought from elsewhere; without it, now."
    )


@taken_whole
@strawberry.pydantic.input(description="Contexts of one user to store together.")
class CreateContextsInput(Input):
    user_id: strawberry.ID = Field(description="The user they are about.")
    contexts: Annotated[list[NewContextInput], Field(min_length=1, max_length=MAX_BULK)] = Field(
        description="1 to 1,000 contexts; all are stored, or none."
    )
    idempotency_key: IdempotencyKey | None = Field(None, description=RETRYING)


@strawberry.pydantic.input(description="A change to a context. What is left out stays as it is.")
class UpdateContextInput(Input):
    id: strawberry.ID = Field(description="The context.")
    expected_version: int = Field(description=CONFLICTING)
    content: JSONObject | None = Field(None, description=f"{_CONTENT} Replaces the old content.")
    metadata: Metadata | None = Field(None, description=f"{_METADATA} Replaces the old metadata.")
    expires_at: strawberry.Maybe[datetime | None] = Field(
        None, description="From when on it counts as absent; null: never."
    )


@strawberry.pydantic.input(description="A context to delete.")
class DeleteContextInput(Input):
    id: strawberry.ID = Field(description="The context.")
    expected_version: int | None = Field(
        None, description=f"{CONFLICTING} Without it, any version is deleted."
    )


@strawberry.pydantic.input(description="An earlier version to bring back.")
class RestoreContextInput(Input):
    id: strawberry.ID = Field(description="The context; a deleted one becomes active again.")
    version: int = Field(description="The version to bring back, as `Context.versions` lists it.")
    expected_version: int = Field(description=CONFLICTING)


@strawberry.pydantic.input(description="The profile of a user.")
class SetProfileInput(Input):
    user_id: strawberry.ID = Field(description="The user.")
    content: JSONObject = Field(
        description="The whole profile: any JSON object of at most 256 KiB; replaces the old one."
    )
    expected_version: int | None = Field(
        None, description=f"{CONFLICTING} Without it, whatever stands is replaced."
    )
    idempotency_key: IdempotencyKey | None = Field(None, description=RETRYING)


@strawberry.type(description="The context that was stored.")
class CreateContextPayload:
    context: Context = strawberry.field(description="The context.")


@strawberry.type(description="The contexts that were stored.")
class CreateContextsPayload:
    contexts: list[Context] = strawberry.field(
        description="The contexts, in the order they were given."
    )


@strawberry.type(description="The context as it now is.")
class UpdateContextPayload:
    context: Context = strawberry.field(description="The context.")


@strawberry.type(description="The context that was deleted.")
class DeleteContextPayload:
    context: Context = strawberry.field(
        description="The context, no longer active; `restoreContext` brings it back."
    )


@strawberry.type(description="The context as it now is again.")
class RestoreContextPayload:
    context: Context = strawberry.field(description="The context.")


@strawberry.type(description="The profile as it now is.")
class SetProfilePayload:
    profile: Context = strawberry.field(description="The profile, a context.")


def _argument(description: str) -> Any:
    return strawberry.argument(description=description)


@strawberry.type(description="Writing contexts.")
class ContextMutations:
    @strawberry.mutation(description="Store one context.")
    async def create_context(
        self, info: Info, input: Annotated[CreateContextInput, _argument("The context.")]
    ) -> CreateContextPayload:
        user_id, _ = named(Kind.User, input.user_id)
        new = _new(input, partial(conversation_of, user_id))
        record = await retried(
            info,
            user_id,
            input,
            lambda db: wrote(info, "create", context_writes.create(db, user_id, new)),
            info.context.loaders.contexts.load,
        )
        return CreateContextPayload(context=context.Context(record=record))

    @strawberry.mutation(
        description="Store up to 1,000 contexts of one user: all of them, or none."
    )
    async def create_contexts(
        self, info: Info, input: Annotated[CreateContextsInput, _argument("The contexts.")]
    ) -> CreateContextsPayload:
        user_id, _ = named(Kind.User, input.user_id)
        # Many of them are likely to name the same few.
        conversation = cache(partial(conversation_of, user_id))
        new = [_new(one, conversation, number) for number, one in enumerate(input.contexts)]
        store = (
            context_writes.store_many
            if as_given.suffices(info, "contexts")
            else context_writes.create_many
        )
        stored = await retried_many(
            info,
            user_id,
            input,
            lambda db: wrote_all(info, "create", store(db, user_id, new)),
            info.context.loaders.contexts.load,
        )
        return CreateContextsPayload(contexts=[context.Context(record=one) for one in stored])

    @strawberry.mutation(
        description="Change a context. The old state becomes a version; a stale `expectedVersion` is a `CONFLICT`."
    )
    async def update_context(
        self, info: Info, input: Annotated[UpdateContextInput, _argument("The change.")]
    ) -> UpdateContextPayload:
        owned = named(Kind.Context, input.id)
        if input.content is None and input.metadata is None and input.expires_at is None:
            raise BadUserInput("Nothing is to be changed; pass content, metadata or expiresAt.")
        content = None
        if input.content is not None:
            content = await _revalidated(info, owned, input.content)
        change = Revision(
            content=content[0] if content else None,
            text=content[1] if content else None,
            metadata=as_object(input.metadata) if input.metadata is not None else None,
            expires_at=(input.expires_at.value,) if input.expires_at is not None else None,
        )
        writing = context_writes.update(info.context.db, *owned, input.expected_version, change)
        record = await wrote(info, "update", writing)
        return UpdateContextPayload(context=context.Context(record=record))

    @strawberry.mutation(
        description="Delete a context softly: it is no longer listed nor used, and can be restored."
    )
    async def delete_context(
        self, info: Info, input: Annotated[DeleteContextInput, _argument("The context.")]
    ) -> DeleteContextPayload:
        writing = context_writes.soft_delete(
            info.context.db, *named(Kind.Context, input.id), input.expected_version
        )
        record = await wrote(info, "delete", writing)
        return DeleteContextPayload(context=context.Context(record=record))

    @strawberry.mutation(
        description="Make an earlier version of a context the newest, and the context active."
    )
    async def restore_context(
        self, info: Info, input: Annotated[RestoreContextInput, _argument("The version.")]
    ) -> RestoreContextPayload:
        writing = context_writes.restore(
            info.context.db,
            *named(Kind.Context, input.id),
            input.version,
            input.expected_version,
        )
        record = await wrote(info, "restore", writing)
        return RestoreContextPayload(context=context.Context(record=record))

    @strawberry.mutation(description="Make or replace the one profile document of a user.")
    async def set_profile(
        self, info: Info, input: Annotated[SetProfileInput, _argument("The profile.")]
    ) -> SetProfilePayload:
        user_id, _ = named(Kind.User, input.user_id)
        content = context_types.validated("profile", input.content)
        text = context_types.searchable("profile", content)
        record = await retried(
            info,
            user_id,
            input,
            lambda db: wrote(
                info,
                "update",
                profiles.set_profile(db, user_id, content, text, input.expected_version),
            ),
            info.context.loaders.contexts.load,
        )
        return SetProfilePayload(profile=context.Context(record=record))


def _new(
    asked: CreateContextInput | NewContextInput,
    conversation: Callable[[str | None], UUID | None],
    number: int | None = None,
) -> NewContext:
    try:
        content = context_types.validated(asked.context_type, asked.content)
    except BadUserInput as error:
        if number is None:
            raise
        raise BadUserInput(f"contexts[{number}]: {error}") from error
    return NewContext(
        context_type=asked.context_type,
        content=content,
        text=context_types.searchable(asked.context_type, content),
        metadata=as_object(asked.metadata) if asked.metadata is not None else {},
        conversation_id=conversation(asked.conversation_id),
        expires_at=asked.expires_at,
        created_at=getattr(asked, "created_at", None),
    )


async def _revalidated(
    info: Info, owned: tuple[UUID, UUID], content: JSON
) -> tuple[records.Json, str] | None:
    """New content in the shape of its context's type, which never changes; None if there is no such context."""
    standing = await info.context.loaders.contexts.load(owned)
    if standing is None:
        return None
    valid = context_types.validated(standing.context_type, content)
    return valid, context_types.searchable(standing.context_type, valid)
