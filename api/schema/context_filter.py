"""Which contexts a list is about and in which order, as clients say it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Annotated
from uuid import UUID

import orjson
import strawberry
from pydantic import Field

from api.schema.identity import conversation_of
from api.schema.inputs import ContextTypeName, Input, JSONObject
from db import filters


@strawberry.enum(description="The order of contexts in a list, by time of creation.")
class ContextOrder(Enum):
    NEWEST_FIRST = strawberry.enum_value("NEWEST_FIRST", description="The most recent first.")
    OLDEST_FIRST = strawberry.enum_value("OLDEST_FIRST", description="The earliest first.")


@strawberry.pydantic.input(
    description="Conditions on contexts; those that are given must all hold."
)
class ContextFilter(Input):
    context_types: Annotated[list[ContextTypeName], Field(max_length=50)] | None = Field(
        None, description="Only these types."
    )
    conversation_id: strawberry.ID | None = Field(None, description="Only of this conversation.")
    metadata: JSONObject | None = Field(
        None, description="Only where the metadata contains this JSON object, as PostgreSQL's `@>`."
    )
    content: JSONObject | None = Field(
        None, description="Only where the content contains this JSON object, as PostgreSQL's `@>`."
    )
    created_after: datetime | None = Field(None, description="Only those created after this time.")
    created_before: datetime | None = Field(
        None, description="Only those created before this time."
    )
    include_inactive: bool | None = Field(
        default=False, description="Deleted ones too. Expired ones are never listed."
    )

    @cached_property
    def wanted(self) -> filters.ContextFilter:
        """As the store takes it, but for the conversation, which is some user's."""
        types = self.context_types
        return filters.ContextFilter(
            context_types=tuple(sorted(set(types))) if types is not None else None,
            metadata=_json(self.metadata),
            content=_json(self.content),
            created_after=self.created_after,
            created_before=self.created_before,
            include_inactive=bool(self.include_inactive),
        )


ANY = filters.ContextFilter()


def wanted(asked: ContextFilter | None, user: UUID) -> filters.ContextFilter:
    """The filter as the store takes it. Raises `BadUserInput` for a conversation of another user."""
    if asked is None:
        return ANY
    if asked.conversation_id is None:
        return asked.wanted
    return replace(asked.wanted, conversation_id=conversation_of(user, asked.conversation_id))


def _json(value: object) -> str | None:
    if value is None:
        return None
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
