"""The part of the graph that is measured, in Strawberry's plain way: a class for each type, a method for each edge."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Generic, TypeVar

import strawberry
from strawberry.scalars import JSON

from tests.bench.peers.ids import cursor, global_id, named, place
from tests.bench.peers.naive_loaders import START, Loaders, Page, Row

NodeType = TypeVar("NodeType")
MARK = re.compile(r"\[(\d+)\]")


def loaders(info: strawberry.Info) -> Loaders:
    found: Loaders = info.context["loaders"]
    return found


def page_of(first: int, after: str | None = None) -> Page:
    """One more than is shown tells whether there are more."""
    return first + 1, *(place(after) if after else START)


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[NodeType]):
    cursor: str
    node: NodeType


@strawberry.type
class Connection(Generic[NodeType]):
    edges: list[Edge[NodeType]]
    page_info: PageInfo


def connection(rows: list[Row], first: int, after: str | None, node: Any) -> Any:
    edges: list[Edge[Any]] = [
        Edge(cursor=cursor(row["created_at"], row["id"]), node=node(row)) for row in rows[:first]
    ]
    info = PageInfo(
        has_next_page=len(rows) > first,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info)


@strawberry.type
class Context(Node):
    context_type: str
    content: JSON
    metadata: JSON
    created_at: datetime
    updated_at: datetime
    version: int


def shown_context(row: Row) -> Context:
    return Context(
        id=strawberry.ID(global_id(b"C", row["user_id"], row["id"])),
        context_type=row["context_type"],
        content=row["content"],
        metadata=row["metadata"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        version=row["version"],
    )


@strawberry.type
class GroundingItem:
    row: strawberry.Private[Any]
    rank: int
    score: float
    reason: str
    section: str
    included: bool

    @strawberry.field
    async def context(self, info: strawberry.Info) -> Context | None:
        found = await loaders(info).context.load(self.row)
        return shown_context(found) if found else None


@strawberry.type
class Grounding:
    tokens: int
    budget: int
    items: list[GroundingItem]


@strawberry.type
class Citation:
    number: int
    start: int
    end: int


@strawberry.type
class Response(Node):
    row: strawberry.Private[Row]
    status: str
    text: str

    @strawberry.field
    def grounding(self) -> Grounding | None:
        receipt = self.row["grounding"]
        if receipt is None:
            return None
        items = [
            GroundingItem(
                row=(self.row["user_id"], type(self.row["id"])(item["contextId"])),
                rank=item["rank"],
                score=item["score"],
                reason=item["reason"],
                section=item["section"],
                included=item["included"],
            )
            for item in receipt["items"]
        ]
        return Grounding(tokens=receipt["tokens"], budget=self.row["budget"], items=items)

    @strawberry.field
    def citations(self) -> list[Citation]:
        return [
            Citation(number=int(mark[1]), start=mark.start(), end=mark.end())
            for mark in MARK.finditer(self.text)
        ]


def shown_response(row: Row) -> Response:
    return Response(
        id=strawberry.ID(global_id(b"R", row["user_id"], row["id"])),
        row=row,
        status=row["status"],
        text=row["text"],
    )


@strawberry.type
class Conversation(Node):
    row: strawberry.Private[Row]
    title: str | None
    created_at: datetime
    updated_at: datetime

    @strawberry.field
    async def turns(self, info: strawberry.Info, first: int = 20) -> Connection[Context]:
        key = self.row["user_id"], self.row["id"]
        rows = await loaders(info).turns.load((key, page_of(first), None))
        return connection(rows, first, None, shown_context)  # type: ignore[no-any-return]

    @strawberry.field
    async def responses(self, info: strawberry.Info, first: int = 20) -> Connection[Response]:
        key = self.row["user_id"], self.row["id"]
        rows = await loaders(info).responses.load((key, page_of(first), None))
        return connection(rows, first, None, shown_response)  # type: ignore[no-any-return]


def shown_conversation(row: Row) -> Conversation:
    return Conversation(
        id=strawberry.ID(global_id(b"V", row["user_id"], row["id"])),
        row=row,
        title=row["title"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


@strawberry.input
class ContextFilter:
    context_types: list[str] | None = None


@strawberry.type
class User(Node):
    row: strawberry.Private[Row]
    external_id: str
    name: str | None
    metadata: JSON
    created_at: datetime
    updated_at: datetime

    @strawberry.field
    async def contexts(
        self,
        info: strawberry.Info,
        first: int = 20,
        after: str | None = None,
        filter: ContextFilter | None = None,
    ) -> Connection[Context]:
        kind = filter.context_types[0] if filter and filter.context_types else None
        key = self.row["id"], page_of(first, after), kind
        rows = await loaders(info).contexts.load(key)
        return connection(rows, first, after, shown_context)  # type: ignore[no-any-return]

    @strawberry.field
    async def conversations(
        self, info: strawberry.Info, first: int = 20, after: str | None = None
    ) -> Connection[Conversation]:
        key = self.row["id"], page_of(first, after), None
        rows = await loaders(info).conversations.load(key)
        return connection(rows, first, after, shown_conversation)  # type: ignore[no-any-return]


def shown_user(row: Row) -> User:
    return User(
        id=strawberry.ID(global_id(b"U", row["id"])),
        row=row,
        external_id=row["external_id"],
        name=row["name"],
        metadata=row["metadata"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


@strawberry.input
class UserBy:
    external_id: str


USER = "select id, external_id, name, metadata, created_at, updated_at from users"
CONVERSATION = """
select user_id, id, title, created_at, updated_at from conversations where user_id = $1 and id = $2
"""


@strawberry.type
class Query:
    @strawberry.field
    async def user(self, info: strawberry.Info, by: UserBy) -> User | None:
        statement = f"{USER} where external_id = $1"
        row = await info.context["pool"].fetchrow(statement, by.external_id)
        return shown_user(row) if row else None

    @strawberry.field
    async def users(
        self, info: strawberry.Info, first: int = 20, after: str | None = None
    ) -> Connection[User]:
        statement = (
            f"{USER} where (created_at, id) < ($2, $3) order by created_at desc, id desc limit $1"
        )
        rows = await info.context["pool"].fetch(statement, *page_of(first, after))
        return connection(rows, first, after, shown_user)  # type: ignore[no-any-return]

    @strawberry.field
    async def node(self, info: strawberry.Info, id: strawberry.ID) -> Node | None:
        row = await loaders(info).context.load(named(id))
        return shown_context(row) if row else None

    @strawberry.field
    async def conversation(self, info: strawberry.Info, id: strawberry.ID) -> Conversation | None:
        row = await info.context["pool"].fetchrow(CONVERSATION, *named(id))
        return shown_conversation(row) if row else None
