"""Where reading begins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import strawberry
from pydantic import Field

from api.errors import BadUserInput
from api.schema import connection, context, conversation, model, response, stats, user
from api.schema.circles import Context, Conversation, Response, User
from api.schema.connection import After, Before, Connection, First, Last, Look
from api.schema.embedding_progress import EmbeddingProgress
from api.schema.found import found
from api.schema.identity import Identity, Kind, identity, named
from api.schema.info import Info
from api.schema.inputs import ExternalId, Input
from api.schema.node import Node
from api.schema.reserved import for_services
from api.schema.times import time_key
from api.schema.viewer import Viewer
from db import embeddings, statistics, user_words, users

MAX_NODES = 100

Id = Annotated[
    strawberry.ID, strawberry.argument(description="A global id that the graph has given.")
]


LONGEST_MATCHING = 255

Matching = Annotated[
    str | None,
    strawberry.argument(
        description="Words; each must begin a word of the user's external id or name. At most 255 characters."
    ),
]


@strawberry.pydantic.input(
    one_of=True, description="Which user: by the global id, or by the application's own identifier."
)
class UserBy(Input):
    id: strawberry.Maybe[strawberry.ID] = Field(None, description="The global id.")
    external_id: strawberry.Maybe[ExternalId] = Field(
        None, description="The application's own identifier."
    )


@strawberry.type(description="Reading. What does not exist, or has expired, is null.")
class Query:
    @strawberry.field(description="Whoever asks.")
    def viewer(self) -> Viewer:
        return Viewer()

    @strawberry.field(description="Any object by its global id; null if there is none.")
    def node(self, info: Info, id: Id) -> Node | None:
        return _found(info, identity(id))

    @strawberry.field(
        description="Several objects by their global ids, at most 100: in the order asked, null for what is missing."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="Global ids, at most 100.")
        ],
    ) -> list[Node | None]:
        if len(ids) > MAX_NODES:
            raise BadUserInput(f"nodes takes at most {MAX_NODES} ids; these are {len(ids)}.")
        return await asyncio.gather(*(_loaded(info, identity(id)) for id in ids))

    @strawberry.field(description="A user.")
    def user(
        self,
        info: Info,
        by: Annotated[UserBy, strawberry.argument(description="By one of the two identifiers.")],
    ) -> User | None:
        if by.id is not None:
            owner, _ = named(Kind.User, by.id.value)
        elif by.external_id is not None:
            owner = users.id_of(info.context.db, by.external_id.value)
        else:
            raise BadUserInput("Pass either id or externalId.")
        return found(info.context.loaders.users, owner, user.User)

    @strawberry.field(
        description="All users, or those that match, newest first. For services only."
    )
    def users(
        self,
        info: Info,
        matching: Matching = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[User]:
        for_services(info)
        words = _words(matching)
        list_of = ("Query.users", *([words] if words else ()))
        look, count = _listing(info, words)
        return connection.connected(
            connection.asked_page(list_of, first, after, last, before),
            look=look,
            count=count,
            key=time_key,
            node=lambda record: user.User(record=record),
        )

    @strawberry.field(description="A context.")
    def context(self, info: Info, id: Id) -> Context | None:
        return found(info.context.loaders.contexts, named(Kind.Context, id), context.Context)

    @strawberry.field(description="A conversation.")
    def conversation(self, info: Info, id: Id) -> Conversation | None:
        owned = named(Kind.Conversation, id)
        return found(info.context.loaders.conversations, owned, conversation.Conversation)

    @strawberry.field(description="The models that a mutation may name, the default first.")
    def models(self, info: Info) -> list[model.Model]:
        return model.listed(info)

    @strawberry.field(description="A response.")
    def response(self, info: Info, id: Id) -> Response | None:
        return found(info.context.loaders.responses, named(Kind.Response, id), response.Response)

    @strawberry.field(
        description="How far each embedding model has come; none when search is by keywords alone. For services only."
    )
    async def embeddings(self, info: Info) -> list[EmbeddingProgress]:
        for_services(info)
        waiting = await embeddings.waiting(info.context.db)
        return [EmbeddingProgress(record=record) for record in waiting]

    @strawberry.field(
        name="stats", description="What there is in the whole store. For services only."
    )
    async def measured(self, info: Info) -> stats.Stats:
        for_services(info)
        return stats.Stats(record=await statistics.measured(info.context.db))


def _words(matching: str | None) -> str | None:
    """What to match, None for everybody. Raises `BadUserInput`."""
    if matching is None:
        return None
    if len(matching) > LONGEST_MATCHING:
        raise BadUserInput(f"matching takes at most {LONGEST_MATCHING} characters.")
    return user_words.beginnings(matching)


def _listing(info: Info, words: str | None) -> tuple[Look, Callable[[], Awaitable[int]]]:
    """How the users are read, and how they are counted."""
    db = info.context.db
    if words is None:
        return info.context.loaders.everybody.of(None), lambda: users.count(db)
    return lambda page: user_words.page(db, page, words), lambda: user_words.count(db, words)


def _found(info: Info, named: Identity | None) -> Node | None:
    if named is None:
        return None
    loaders = info.context.loaders
    match named.kind:
        case Kind.User:
            return found(loaders.users, named.user, user.User)
        case Kind.Context:
            return found(loaders.contexts, named.owned, context.Context)
        case Kind.Conversation:
            return found(loaders.conversations, named.owned, conversation.Conversation)
        case Kind.Response:
            return found(loaders.responses, named.owned, response.Response)


async def _loaded(info: Info, named: Identity | None) -> Node | None:
    node: Any = _found(info, named)
    return await node if named else None
