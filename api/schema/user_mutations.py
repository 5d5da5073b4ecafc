"""Writing users."""

from __future__ import annotations

from typing import Annotated

import strawberry
from pydantic import Field

from api.schema import user
from api.schema.circles import User
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
from api.schema.retried import retried
from db import users


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
