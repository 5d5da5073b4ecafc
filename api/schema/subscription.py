"""Where following begins."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import strawberry

from api.changes import follow as changes
from api.errors import BadUserInput
from api.generation.follow import follow
from api.schema import context_change, response_event
from api.schema.identity import Kind, named
from api.schema.info import Info
from api.schema.query import Id
from api.touched import touched


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
        seen = max(after, _number(operation.seen))
        async with aclosing(follow(operation.db, operation.feeds, owned, seen, patience)) as events:
            async for event in events:
                operation.event = str(event.seq)
                yield response_event.shown(event)

    @strawberry.subscription(
        description=(
            "What happens to the contexts of a user: what has happened after the cursor `after`, then what is to come; "
            "without one only that. Each change comes at least once, within a second or so, and in the end every "
            "context as it stands; one that changed several times in a second comes once. Whoever resumes with the "
            "last cursor misses nothing; some may come twice. Imports, and what goes for good, are not told."
        )
    )
    async def context_changes(
        self,
        info: Info,
        user_id: Annotated[
            strawberry.ID, strawberry.argument(description="The user whose contexts they are.")
        ],
        after: Annotated[
            str | None, strawberry.argument(description="The last cursor you have seen.")
        ] = None,
    ) -> AsyncGenerator[context_change.ContextChange, None]:
        user, _ = named(Kind.User, user_id)
        operation = info.context
        # Over an event stream a browser comes back by itself, with the same arguments as at first.
        resumed = context_change.resumed(user, operation.seen or after)
        patience = operation.settings.database_patience
        following = changes.follow(operation.db, operation.changes, user, resumed, patience)
        async with aclosing(following) as told:
            async for one in told:
                operation.observe(touched("read", [user], [one.change.context], 0.0, operation.by))
                shown = context_change.shown(one)
                operation.event = shown.cursor
                yield shown


def _number(seen: str) -> int:
    """The event that was seen last, 0 for none. Raises `BadUserInput`."""
    if seen and not seen.isdigit():
        raise BadUserInput("Last-Event-ID must be the id of an event of this stream.")
    return int(seen or 0)
