"""The versions of a context in the graph."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.schema.node import stored
from api.schema.scalars import JSON
from db import records


@strawberry.type(description="A context as it stood between two changes.")
class ContextVersion:
    record: strawberry.Private[records.ContextVersion]
    version: int = stored("Its number, from 1; pass it to `restoreContext` to bring it back.")
    content: JSON = stored("The content as it was.")
    metadata: JSON = stored("The metadata as it was.")
    is_active: bool = stored("Whether the context was active.")
    expires_at: datetime | None = stored("When it was to expire.")
    valid_from: datetime = stored("Since when it stood like this.")
    valid_to: datetime | None = stored("Until when; null for the present version.")
