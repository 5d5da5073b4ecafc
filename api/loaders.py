"""One dataloader for each edge of the graph: what many parents ask for in the same moment is one statement."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from api.edges import Edge
from api.lazily import lazily
from api.observe import By, Observer
from api.sources import Many, One
from db import (
    context_moments,
    context_versions,
    contexts,
    conversations,
    responses,
    storage,
    summaries,
    type_counts,
    users,
)
from db.contexts import Owned
from db.filters import ContextFilter
from db.paging import Page
from db.pool import Database
from db.records import Context, ContextVersion, Conversation, Response, TypeCount, User
from db.storage import Storage

one: Callable[..., One[Any, Any]] = cache(One)
many: Callable[..., Many[Any, Any]] = cache(Many)
"""What is the same for every operation is made once."""

OfUser = tuple[UUID, Page]
Filtered = tuple[UUID, Page, ContextFilter]
Past = tuple[UUID, Page, ContextFilter, datetime]
OfRow = tuple[Owned, Page]


class Loaders:
    """The edges of one operation. With `remember`, what was loaded once is not loaded again."""

    # The edges, made when they are asked for, are all that is in the dictionary.
    __slots__ = ("__dict__", "alone", "by", "db", "is_over", "loading", "observe", "remember")

    def __init__(self, db: Database, observe: Observer, by: By, *, remember: bool) -> None:
        self.db = db
        self.observe = observe
        self.by = by
        self.remember = remember
        self.alone: asyncio.Task[Any] | None = None
        """The task beside which no other asks, so that there is nothing to gather; None: there may be others."""
        self.loading: set[asyncio.Task[object]] = set()
        self.is_over = False

    def stop(self) -> None:
        """What is being loaded is given up, and nothing is loaded any more."""
        self.is_over = True
        for task in self.loading:
            task.cancel()
        # Each edge knows whose it is: what is let go of here is not left to the garbage collection.
        self.__dict__.clear()

    @lazily
    def users(self) -> Edge[UUID, User | None]:
        return Edge(self, one(users.get_many, users.written))

    @lazily
    def everybody(self) -> Edge[tuple[None, Page], list[User]]:
        return Edge(self, many(users.pages, list, users.leaves))

    @lazily
    def contexts(self) -> Edge[Owned, Context | None]:
        return Edge(self, one(contexts.get_many, contexts.written, of_contexts=True))

    @lazily
    def conversations(self) -> Edge[Owned, Conversation | None]:
        return Edge(self, one(conversations.get_many, conversations.written))

    @lazily
    def responses(self) -> Edge[Owned, Response | None]:
        return Edge(self, one(responses.get_many))

    @lazily
    def storage(self) -> Edge[UUID, Storage | None]:
        return Edge(self, one(storage.by_users))

    @lazily
    def profiles(self) -> Edge[UUID, Context | None]:
        return Edge(self, one(contexts.profiles, of_contexts=True))

    @lazily
    def user_contexts(self) -> Edge[Filtered, list[Context]]:
        return Edge(
            self,
            many(
                contexts.pages_by_user,
                list,
                contexts.leaves_by_user,
                contexts.inside_users,
                of_contexts=True,
            ),
        )

    @lazily
    def user_context_counts(self) -> Edge[tuple[UUID, ContextFilter], int]:
        return Edge(self, many(contexts.counts_by_user, int))

    @lazily
    def context_types(self) -> Edge[tuple[UUID], list[TypeCount]]:
        return Edge(self, many(type_counts.by_users, list))

    @lazily
    def user_contexts_then(self) -> Edge[Past, list[Context]]:
        return Edge(self, many(context_moments.pages_by_user, list, of_contexts=True))

    @lazily
    def user_context_counts_then(self) -> Edge[tuple[UUID, ContextFilter, datetime], int]:
        return Edge(self, many(context_moments.counts_by_user, int))

    @lazily
    def user_conversations(self) -> Edge[OfUser, list[Conversation]]:
        return Edge(
            self,
            many(
                conversations.pages_by_user,
                list,
                conversations.leaves_by_user,
                conversations.inside_users,
            ),
        )

    @lazily
    def user_conversation_counts(self) -> Edge[tuple[UUID], int]:
        return Edge(self, many(conversations.counts_by_user, int))

    @lazily
    def turns(self) -> Edge[OfRow, list[Context]]:
        return Edge(
            self,
            many(
                contexts.turns_by_conversation,
                list,
                contexts.turn_leaves,
                contexts.inside_conversations,
                of_contexts=True,
            ),
        )

    @lazily
    def turn_counts(self) -> Edge[tuple[Owned], int]:
        return Edge(self, many(contexts.turn_counts, int))

    @lazily
    def summaries(self) -> Edge[Owned, Context | None]:
        return Edge(self, one(summaries.by_conversation, of_contexts=True))

    @lazily
    def conversation_responses(self) -> Edge[OfRow, list[Response]]:
        return Edge(self, many(responses.pages_by_conversation, list))

    @lazily
    def conversation_response_counts(self) -> Edge[tuple[Owned], int]:
        return Edge(self, many(responses.counts_by_conversation, int))

    @lazily
    def citing_responses(self) -> Edge[OfRow, list[Response]]:
        return Edge(self, many(responses.pages_by_context, list))

    @lazily
    def citing_response_counts(self) -> Edge[tuple[Owned], int]:
        return Edge(self, many(responses.counts_by_context, int))

    @lazily
    def versions(self) -> Edge[OfRow, list[ContextVersion]]:
        return Edge(self, many(context_versions.pages_by_context, list))

    @lazily
    def version_counts(self) -> Edge[tuple[Owned], int]:
        return Edge(self, many(context_versions.counts_by_context, int))
