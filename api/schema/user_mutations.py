"""Writing users."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry
from pydantic import Field

from api.generation.ended import ended
from api.schema import user
from api.schema.circles import User
from api.schema.identity import Kind, named
from api.schema.info import Info
from api.schema.inputs import (
    RETRYING,
    ExternalId,
    IdempotencyKey,
    Input,
    Metadata,
    Title,
    as_object,
)
from api.schema.reserved import for_oneself, for_services
from api.schema.retried import retried
from api.schema.scalars import JSON
from db import erasure, users


@strawberry.pydantic.input(
    description="A user to store. What is left out of an existing user stays as it is."
)
class UpsertUserInput(Input):
    external_id: ExternalId = Field(
        description="The application's own identifier: 1 to 255 characters, fixed for good."
    )
    name: strawberry.Maybe[Title | None] = Field(
        None, description="What to call the user: at most 200 characters; null clears it."
    )
    metadata: Metadata | None = Field(
        None,
        description="What else to keep with the user: a JSON object of at most 16 KiB; replaces what is there.",
    )
    idempotency_key: IdempotencyKey | None = Field(None, description=RETRYING)


@strawberry.type(description="The user as it now is.")
class UpsertUserPayload:
    user: User = strawberry.field(description="The user.")


@strawberry.pydantic.input(description="A user to erase, with all that is theirs.")
class EraseUserInput(Input):
    user_id: strawberry.ID = Field(description="The user.")
    dry_run: bool = Field(
        True, description="Only count what would be erased. Say false to erase it, for good."
    )


@strawberry.type(
    description="The receipt of an erasure: counts and a time, and nothing of what was erased."
)
class EraseUserPayload:
    dry_run: bool = strawberry.field(description="Whether it was only counted.")
    counts: JSON = strawberry.field(
        description="How many rows of each table are the user's, or were."
    )
    erased_at: datetime | None = strawberry.field(
        description="When they were erased; null for a dry run."
    )


@strawberry.type(description="Writing users.")
class UserMutations:
    @strawberry.mutation(
        description="Make a user, or change the one with this external id. Doing it again changes nothing."
    )
    async def upsert_user(
        self,
        info: Info,
        input: Annotated[UpsertUserInput, strawberry.argument(description="The user.")],
    ) -> UpsertUserPayload:
        user_id = users.id_of(info.context.db, input.external_id)
        for_oneself(info, user_id)
        name = (input.name.value,) if input.name is not None else None
        metadata = as_object(input.metadata) if input.metadata is not None else None
        record = await retried(
            info,
            user_id,
            input,
            lambda db: users.upsert(db, input.external_id, name=name, metadata=metadata),
            lambda owned: info.context.loaders.users.load(owned[0]),
        )
        return UpsertUserPayload(user=user.User(record=record))

    @strawberry.mutation(
        description=(
            "Erase a user and all that is theirs, in one transaction and for good; what is being generated ends first. "
            "For services."
        )
    )
    async def erase_user(
        self,
        info: Info,
        input: Annotated[EraseUserInput, strawberry.argument(description="The user.")],
    ) -> EraseUserPayload:
        for_services(info)
        db, observe = info.context.db, info.context.observe
        user_id, _ = named(Kind.User, input.user_id)
        if input.dry_run:
            counts = await erasure.counted(db, user_id)
            return EraseUserPayload(dry_run=True, counts=JSON(counts), erased_at=None)
        erased = await erasure.erase(db, user_id, lambda response: observe(ended(response)))
        return EraseUserPayload(dry_run=False, counts=JSON(erased.counts), erased_at=erased.at)
