"""Where following begins."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from api.errors import BadUserInput
from api.generation.follow import follow
from api.schema import response_event
from api.schema.identity import Kind, named
from api.schema.info import Info
from api.schema.query import Id


@strawberry.type(description="Following what happens, live.")
class Subscription:
    @strawberry.subscription(
        description=(
            "What happens to a response: the events after number `after`, first those that were, "
            "then those to come, until the last."
        )
    )
    async def response_events(
        self,
        info: Info,
        id: Id,
        after: Annotated[
            int,
            strawberry.argument(description="The last event you have seen; 0 for all of them."),
        ] = 0,
    ) -> AsyncGenerator[response_event.ResponseEvent, None]:
        owned = named(Kind.Response, id)
        if after < 0:
            raise BadUserInput(f"after must be 0 or the number of an event; it is {after}.")
        operation = info.context
        patience = operation.settings.database_patience
        # Over an event stream a browser comes back by itself, with the same arguments as at first.
        seen = max(after, operation.seen)
        async with aclosing(follow(operation.db, operation.feeds, owned, seen, patience)) as events:
            async for event in events:
                operation.event = event.seq
                yield response_event.shown(event)
