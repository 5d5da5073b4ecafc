"""Searching contexts, in the graph: finds in the order of their scores, with the parts of each."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Annotated
from uuid import UUID

import strawberry

from api.errors import BadUserInput
from api.grounding.found import Match
from api.grounding.searched import searched
from api.grounding.wanted import Mode, Wanted
from api.schema import context
from api.schema.circles import Context
from api.schema.connection import PageInfo, asked_page
from api.schema.context_filter import ContextFilter, wanted
from api.schema.cursor import encoded
from api.schema.info import Info
from api.schema.times import time_key

LONGEST = 32_768
"""Characters of a query."""


@strawberry.enum(description="How contexts are searched for.")
class SearchMode(Enum):
    HYBRID = strawberry.enum_value(
        "HYBRID",
        description="By words and by meaning; by words alone where there is no embedding model.",
    )
    KEYWORD = strawberry.enum_value("KEYWORD", description="By the words they share.")
    SEMANTIC = strawberry.enum_value(
        "SEMANTIC", description="By what they mean; needs an embedding model."
    )


Query = Annotated[
    str,
    strawberry.argument(
        description="What to look for: words, or a question as it was asked; 1 to 32,768 characters."
    ),
]
Filter = Annotated[
    ContextFilter | None,
    strawberry.argument(description="Which contexts to search; all conditions must hold."),
]
How = Annotated[SearchMode, strawberry.argument(description="By words, by meaning, or by both.")]
Most = Annotated[int, strawberry.argument(description="How many finds to return: 0 to 100.")]


@strawberry.type(description="A context that was found, with the parts of its score.")
class ContextSearchEdge:
    cursor: str = strawberry.field(
        description="The place of this find. There is no `after`: ask for more with `first`."
    )
    node: Context = strawberry.field(description="The context.")
    score: float = strawberry.field(
        description="How well it fits: its part of the best find's score, from 0 to 1."
    )
    keyword_score: float | None = strawberry.field(
        description=(
            "BM25 of its words, over all contexts of the user; null where the words have not found it: it is near "
            "in meaning, or stands beside a find."
        )
    )
    semantic_score: float | None = strawberry.field(
        description="Cosine of its meaning, from -1 to 1; null where its meaning has not found it."
    )


@strawberry.type(description="What a search has found, best first.")
class ContextSearchConnection:
    edges: list[ContextSearchEdge] = strawberry.field(description="The finds, best first.")
    page_info: PageInfo = strawberry.field(
        description="Whether more was found; nothing stands before the best."
    )


async def found(
    info: Info, user: UUID, query: str, filter: ContextFilter | None, mode: SearchMode, first: int
) -> ContextSearchConnection:
    """The best finds, noise left out. Raises `BadUserInput`."""
    if not 1 <= len(query) <= LONGEST or "\x00" in query:
        raise BadUserInput(f"query must be 1 to {LONGEST} characters, none of them U+0000.")
    narrowed = wanted(filter, user)
    list_of = ("User.search", user, query, narrowed, mode)
    asked = asked_page(list_of, first, None, None, None)
    search = Wanted(user, query, asked.page.limit, Mode[mode.name], narrowed)
    matches = await searched(info.context.searcher, search)
    told = [match for match in matches if not match.is_noise]
    edges = _edges(asked.list_id, told[: asked.size])
    page_info = PageInfo(
        asked=asked,
        more=len(told) > asked.size,
        look=_nothing,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return ContextSearchConnection(edges=edges, page_info=page_info)


def _edges(list_id: bytes, matches: Sequence[Match]) -> list[ContextSearchEdge]:
    return [
        ContextSearchEdge(
            cursor=encoded(list_id, time_key(match.context)),
            node=context.Context(record=match.context),
            score=match.score,
            keyword_score=match.keyword_score,
            semantic_score=match.semantic_score,
        )
        for match in matches
    ]


async def _nothing(_: object) -> Sequence[object]:
    return ()
