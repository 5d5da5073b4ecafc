"""Writing, in the naive server: what it creates is to be found by search as well."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.scalars import JSON
from uuid_utils.compat import uuid7

from tests.bench.peers.ids import named
from tests.bench.peers.naive_graph import Context, shown_context
from tests.bench.peers.naive_loaders import CONTEXT

CREATE = f"""
insert into contexts (user_id, id, context_type, content, metadata, search)
values ($1, $2, $3, $4, $5, to_tsvector('english', $6))
returning {CONTEXT}
"""


@strawberry.input
class CreateContextInput:
    user_id: strawberry.ID
    context_type: str
    content: JSON
    metadata: JSON | None = None


@strawberry.type
class CreateContextPayload:
    context: Context


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def create_context(
        self, info: strawberry.Info, input: CreateContextInput
    ) -> CreateContextPayload:
        content: Any = input.content
        row = await info.context["pool"].fetchrow(
            CREATE,
            named(input.user_id)[0],
            uuid7(),
            input.context_type,
            content,
            input.metadata or {},
            f"{input.context_type}\n{content['text']}",
        )
        return CreateContextPayload(context=shown_context(row))
