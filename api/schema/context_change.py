"""What happens to the contexts of a user, in the graph."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from uuid import UUID

import strawberry

from api.changes.feed import Told
from api.errors import BadUserInput
from api.schema import context
from api.schema.circles import Context
from api.schema.cursor import ListId, decoded, encoded, list_id
from db.paging import TimeKey


@strawberry.enum(description="What has happened to a context.")
class ChangeKind(Enum):
    CREATED = strawberry.enum_value("CREATED", description="It is new.")
    UPDATED = strawberry.enum_value("UPDATED", description="It has another version.")
    DELETED = strawberry.enum_value(
        "DELETED", description="It was deleted, by itself or with its conversation."
    )
    RESTORED = strawberry.enum_value(
        "RESTORED",
        description="It was deleted, and is there again, with an earlier version's content.",
    )
    EXPIRED = strawberry.enum_value(
        "EXPIRED",
        description="Its time has passed. It was absent since then; this is told within a minute or so.",
    )


@strawberry.type(
    description="Something that has happened to a context. Where much has happened in one second, the last of it."
)
class ContextChange:
    cursor: str = strawberry.field(
        description="Pass the last one you saw as `after` to resume: nothing will be missing."
    )
    change: ChangeKind = strawberry.field(description="What has happened.")
    context: Context = strawberry.field(
        description="The context as it stands then; its `version` tells a repeat from news."
    )


def shown(told: Told) -> ContextChange:
    """The change as the graph shows it."""
    record = told.change.context
    place = TimeKey(told.resume, record.id)
    return ContextChange(
        cursor=encoded(_list_of(record.user_id), place),
        change=ChangeKind[told.change.kind],
        context=context.Context(record=record),
    )


def resumed(user: UUID, cursor: str | None) -> datetime | None:
    """From when on to tell, None where there is no cursor. Raises `BadUserInput`."""
    if cursor is None:
        return None
    place = decoded(_list_of(user), cursor)
    if not isinstance(place, TimeKey):
        raise BadUserInput(
            "The cursor is none of a change; pass one that contextChanges has given."
        )
    return place.created_at


def _list_of(user: UUID) -> ListId:
    return list_id("Subscription.contextChanges", user)
