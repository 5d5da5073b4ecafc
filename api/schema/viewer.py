"""The viewer in the graph: whoever has shown the credential that this operation is asked with."""

from __future__ import annotations

from enum import Enum

import strawberry

from api.schema import rate_limit, user
from api.schema.circles import User
from api.schema.found import found
from api.schema.info import Info
from api.schema.rate_limit import RateLimit


@strawberry.enum(description="What a credential may reach.")
class Role(Enum):
    SERVICE = strawberry.enum_value("SERVICE", description="Every user.")
    USER = strawberry.enum_value("USER", description="One user, and nobody else.")


@strawberry.type(description="Whoever asks: a service, or one user.")
class Viewer:
    @strawberry.field(description="What the credential may reach.")
    def role(self, info: Info) -> Role:
        return Role(info.context.viewer.role.value)

    @strawberry.field(
        description="The user whose credential it is; null for a service, and for a user who is not stored yet."
    )
    def user(self, info: Info) -> User | None:
        owner = info.context.viewer.user
        return found(info.context.loaders.users, owner, user.User) if owner else None

    @strawberry.field(
        description="How much may still be asked in this window of time; null where there is no limit."
    )
    async def rate_limit(self, info: Info) -> RateLimit | None:
        return await rate_limit.standing(info)
