"""Users in the graph: whom the contexts are about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from api.generation import running
from api.schema import (
    connection,
    context,
    context_filter,
    context_search,
    conversation,
    grounding,
    question,
)
from api.schema.circles import Context, Conversation
from api.schema.connection import After, Before, Connection, First, Last, Look
from api.schema.context_filter import ContextOrder
from api.schema.context_search import ContextSearchConnection, SearchMode
from api.schema.context_type_count import ContextTypeCount
from api.schema.found import found, there
from api.schema.identity import Kind
from api.schema.info import Info
from api.schema.moments import AsOf, past
from api.schema.node import Node, stored
from api.schema.scalars import JSON
from api.schema.storage import Storage
from api.schema.times import time_key
from db import filters, records
from db.contexts import Owned


@strawberry.type(description="Somebody the application serves, and all that it knows about them.")
class User(Node):
    kind = Kind.User
    record: strawberry.Private[records.User]
    external_id: str = stored("The application's own identifier for this user; it never changes.")
    name: str | None = stored("What to call the user.")
    metadata: JSON = stored("What else the application keeps with the user; a JSON object.")
    created_at: datetime = stored("When the user was first stored.")
    updated_at: datetime = stored("When the user was last changed.")

    @property
    def owned(self) -> Owned:
        return self.record.id, self.record.id

    @strawberry.field(description="The one profile document of this user.")
    def profile(self, info: Info) -> Context | None:
        return found(info.context.loaders.profiles, self.record.id, context.Context)

    @strawberry.field(
        description=(
            "What is known about this user: every type of context, turns included. With `asOf`, each is shown with the "
            "content, metadata, version and state that it had then."
        )
    )
    def contexts(
        self,
        info: Info,
        filter: Annotated[
            context_filter.ContextFilter | None,
            strawberry.argument(description="Which contexts to list; all conditions must hold."),
        ] = None,
        order_by: Annotated[
            ContextOrder, strawberry.argument(description="By time of creation.")
        ] = ContextOrder.NEWEST_FIRST,
        as_of: AsOf = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Context]:
        user = self.record.id
        wanted = context_filter.wanted(filter, user)
        moment = past(as_of)
        asked = connection.asked_page(
            ("User.contexts", user, wanted, order_by, moment),
            first,
            after,
            last,
            before,
            newest_first=order_by is ContextOrder.NEWEST_FIRST,
        )
        look, count = _reading(info, user, wanted, moment)
        return connection.connected(
            asked,
            look=look,
            count=count,
            key=time_key,
            node=lambda record: context.Context(record=record),
        )

    @strawberry.field(
        description="The types that this user has contexts of, and how many of each: most first."
    )
    async def context_types(self, info: Info) -> list[ContextTypeCount]:
        counts = await info.context.loaders.context_types.load((self.record.id,))
        return [
            ContextTypeCount(context_type=one.context_type, contexts=one.contexts) for one in counts
        ]

    @strawberry.field(
        name="grounding",
        description=(
            "The exact prompt that `generateResponse` with the same input would send now, and every context that was "
            "considered for it. Nothing is generated and nothing stored."
        ),
    )
    async def preview(
        self,
        info: Info,
        message: Annotated[
            str, strawberry.argument(description="What is asked: 1 to 32,768 characters.")
        ],
        conversation_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The conversation that it would go on with."),
        ] = None,
        budget: Annotated[
            int | None,
            strawberry.argument(
                description="Tokens that the prompt may take in all; without it the server's default."
            ),
        ] = None,
        as_of: AsOf = None,
    ) -> grounding.Grounding:
        asked = question.asked(message, conversation_id, budget, as_of)
        wish = question.wished(info, self.record.id, asked)
        receipt = await running.preview(info.context.searcher, wish)
        return grounding.shown(self.record.id, wish.budget, receipt)

    @strawberry.field(description="The conversations of this user, newest first.")
    def conversations(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Conversation]:
        user = self.record.id
        loaders = info.context.loaders
        return connection.connected(
            connection.asked_page(("User.conversations", user), first, after, last, before),
            look=loaders.user_conversations.of(user),
            count=lambda: loaders.user_conversation_counts.load((user,)),
            key=time_key,
            node=lambda record: conversation.Conversation(record=record),
        )

    @strawberry.field(
        description=(
            "What is known about this user that fits a query, best first: contexts that share its words, that mean "
            "the same, or that stand beside these in a conversation."
        )
    )
    async def search(
        self,
        info: Info,
        query: context_search.Query,
        filter: context_search.Filter = None,
        mode: context_search.How = SearchMode.HYBRID,
        first: context_search.Most = 10,
    ) -> ContextSearchConnection:
        return await context_search.found(info, self.record.id, query, filter, mode, first)

    @strawberry.field(description="How much is kept for this user, measured now.")
    async def storage(self, info: Info) -> Storage:
        found = await info.context.loaders.storage.load(self.record.id)
        # One that was erased just now has nothing.
        return Storage(
            context_count=found.contexts if found else 0, bytes=found.bytes if found else 0
        )


def _reading(
    info: Info, user: UUID, wanted: filters.ContextFilter, moment: datetime | None
) -> tuple[Look, Callable[[], Awaitable[int]]]:
    """How the contexts of now or of then are read, and how they are counted."""
    loaders = info.context.loaders
    if moment is None:
        return (
            loaders.user_contexts.of(user, wanted),
            lambda: loaders.user_context_counts.load((user, wanted)),
        )
    return (
        loaders.user_contexts_then.of(user, wanted, moment),
        lambda: loaders.user_context_counts_then.load((user, wanted, moment)),
    )


def owner(info: Info, user_id: UUID) -> User:
    """The owner of a row; the database sees to it that every row has one."""
    return there(info.context.loaders.users, user_id, User)
