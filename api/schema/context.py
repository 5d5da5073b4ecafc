"""Contexts in the graph: one thing that is known about a user."""

from __future__ import annotations

from datetime import datetime

import strawberry

from api import context_types
from api.grounding.tokens import estimated
from api.schema import connection, context_version, conversation, response, user
from api.schema.circles import Conversation, Response, User
from api.schema.connection import After, Before, Connection, First, Last
from api.schema.found import found
from api.schema.identity import Kind
from api.schema.info import Info
from api.schema.node import Node, stored
from api.schema.scalars import JSON
from api.schema.times import time_key
from db import records
from db.paging import VersionKey


@strawberry.type(
    description="One thing that is known about a user: a profile, a preference, a piece of knowledge, a turn…"
)
class Context(Node):
    kind = Kind.Context
    record: strawberry.Private[records.Context]
    context_type: str = stored(
        "What it is: `profile`, `preference`, `knowledge`, `conversation` (a turn), `summary`, or a type of your own."
    )
    content: JSON = stored("What is known, in the shape of its type; a JSON object.")
    metadata: JSON = stored(
        "What else the application keeps with it; a JSON object, not shown to models."
    )
    created_at: datetime = stored(
        "When it was created, or when the application says it came to be."
    )
    updated_at: datetime = stored("When it was last changed.")
    expires_at: datetime | None = stored("From when on it is treated as absent; null: never.")
    is_active: bool = stored("False once it has been deleted; it can be restored.")
    version: int = stored("Counts its changes from 1; pass it as `expectedVersion` to change it.")

    @strawberry.field(description="The user it is about.")
    def user(self, info: Info) -> User:
        return user.owner(info, self.record.user_id)

    @strawberry.field(description="The conversation it belongs to, if it belongs to one.")
    def conversation(self, info: Info) -> Conversation | None:
        if self.record.conversation_id is None:
            return None
        key = self.record.user_id, self.record.conversation_id
        return found(info.context.loaders.conversations, key, conversation.Conversation)

    @strawberry.field(description="How a language model reads it.")
    def text(self) -> str:
        return context_types.rendered(self.record.context_type, self.record.content)

    @strawberry.field(description="How many tokens that text takes, estimated on the safe side.")
    def tokens(self) -> int:
        return estimated(context_types.rendered(self.record.context_type, self.record.content))

    @strawberry.field(
        description="What it was and is: every version, newest first, the present one included."
    )
    def versions(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[context_version.ContextVersion]:
        owned = self.owned
        loaders = info.context.loaders
        return connection.connected(
            connection.asked_page(("Context.versions", owned), first, after, last, before),
            look=loaders.versions.of(owned),
            count=lambda: loaders.version_counts.load((owned,)),
            key=lambda record: VersionKey(record.version),
            node=lambda record: context_version.ContextVersion(record=record),
        )

    @strawberry.field(
        description=(
            "The answers whose prompt held it, whatever version of it, newest first; unfinished and failed ones too."
        )
    )
    def cited_by(
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
            connection.asked_page(("Context.citedBy", owned), first, after, last, before),
            look=loaders.citing_responses.of(owned),
            count=lambda: loaders.citing_response_counts.load((owned,)),
            key=time_key,
            node=lambda record: response.Response(record=record),
        )
