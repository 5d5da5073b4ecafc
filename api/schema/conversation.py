"""Conversations in the graph: turns and the responses that made them."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api.schema import connection, context, response, user
from api.schema.circles import Context, Response, User
from api.schema.connection import After, Before, Connection, First, Last
from api.schema.found import found
from api.schema.identity import Kind
from api.schema.info import Info
from api.schema.node import Node, stored
from api.schema.scalars import JSON
from api.schema.times import time_key
from db import records


@strawberry.type(description="An exchange with a user that goes on over several turns.")
class Conversation(Node):
    kind = Kind.Conversation
    record: strawberry.Private[records.Conversation]
    title: str | None = stored("What the application calls it.")
    metadata: JSON = stored("What else the application keeps with it; a JSON object.")
    created_at: datetime = stored("When it began.")
    updated_at: datetime = stored("When its title or metadata last changed.")
    is_active: bool = stored("False once it has been deleted.")
    version: int = stored("Counts its changes from 1; pass it as `expectedVersion` to change it.")

    @strawberry.field(description="The user it is with.")
    def user(self, info: Info) -> User:
        return user.owner(info, self.record.user_id)

    @strawberry.field(description="Its turns, oldest first: contexts of type `conversation`.")
    def turns(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Context]:
        owned = self.owned
        loaders = info.context.loaders
        asked = connection.asked_page(
            ("Conversation.turns", owned), first, after, last, before, newest_first=False
        )
        return connection.connected(
            asked,
            look=loaders.turns.of(owned),
            count=lambda: loaders.turn_counts.load((owned,)),
            key=time_key,
            node=lambda record: context.Context(record=record),
        )

    @strawberry.field(
        description="Its older turns, condensed; null until it is longer than a prompt holds of it."
    )
    def summary(self, info: Info) -> Context | None:
        return found(info.context.loaders.summaries, self.owned, context.Context)

    @strawberry.field(description="The responses generated in it, newest first, failed ones too.")
    def responses(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Response]:
        owned = self.owned
        loaders = info.context.loaders
        return connection.connected(
            connection.asked_page(("Conversation.responses", owned), first, after, last, before),
            look=loaders.conversation_responses.of(owned),
            count=lambda: loaders.conversation_response_counts.load((owned,)),
            key=time_key,
            node=lambda record: response.Response(record=record),
        )
