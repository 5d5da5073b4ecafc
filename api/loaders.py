"""One dataloader for each edge of the graph: what many parents ask for in the same moment is one statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, TypeVar
from uuid import UUID

from api.batch import Batch
from api.edges import Edge, Written, batched
from api.lazily import lazily
from api.observe import By, Observer
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
from db.inside import Layout, Rows
from db.leaves import LeafPage
from db.objects import Object, Wanted
from db.paging import Page
from db.pool import Database
from db.records import Context, ContextVersion, Conversation, Response, TypeCount, User
from db.scope import NOBODY
from db.storage import Storage

Key = TypeVar("Key", bound=Hashable)
Parent = TypeVar("Parent", bound=Hashable)
Value = TypeVar("Value")

OfUser = tuple[UUID, Page]
Filtered = tuple[UUID, Page, ContextFilter]
Past = tuple[UUID, Page, ContextFilter, datetime]
OfRow = tuple[Owned, Page]


class Loaders:
    """The edges of one operation. With `remember`, what was loaded once is not loaded again."""

    def __init__(self, db: Database, observe: Observer, by: By, *, remember: bool) -> None:
        self._db = db
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

    @lazily
    def users(self) -> Edge[UUID, User | None]:
        return self._one(users.get_many, users.written)

    @lazily
    def everybody(self) -> Edge[tuple[None, Page], list[User]]:
        return self._many(users.pages, list, users.leaves)

    @lazily
    def contexts(self) -> Edge[Owned, Context | None]:
        return self._one(contexts.get_many, contexts.written)

    @lazily
    def conversations(self) -> Edge[Owned, Conversation | None]:
        return self._one(conversations.get_many, conversations.written)

    @lazily
    def responses(self) -> Edge[Owned, Response | None]:
        return self._one(responses.get_many)

    @lazily
    def storage(self) -> Edge[UUID, Storage | None]:
        return self._one(storage.by_users)

    @lazily
    def profiles(self) -> Edge[UUID, Context | None]:
        return self._one(contexts.profiles)

    @lazily
    def user_contexts(self) -> Edge[Filtered, list[Context]]:
        return self._many(
            contexts.pages_by_user, list, contexts.leaves_by_user, contexts.inside_users
        )

    @lazily
    def user_context_counts(self) -> Edge[tuple[UUID, ContextFilter], int]:
        return self._many(contexts.counts_by_user, int)

    @lazily
    def context_types(self) -> Edge[tuple[UUID], list[TypeCount]]:
        return self._many(type_counts.by_users, list)

    @lazily
    def user_contexts_then(self) -> Edge[Past, list[Context]]:
        return self._many(context_moments.pages_by_user, list)

    @lazily
    def user_context_counts_then(self) -> Edge[tuple[UUID, ContextFilter, datetime], int]:
        return self._many(context_moments.counts_by_user, int)

    @lazily
    def user_conversations(self) -> Edge[OfUser, list[Conversation]]:
        return self._many(
            conversations.pages_by_user,
            list,
            conversations.leaves_by_user,
            conversations.inside_users,
        )

    @lazily
    def user_conversation_counts(self) -> Edge[tuple[UUID], int]:
        return self._many(conversations.counts_by_user, int)

    @lazily
    def turns(self) -> Edge[OfRow, list[Context]]:
        return self._many(
            contexts.turns_by_conversation,
            list,
            contexts.turn_leaves,
            contexts.inside_conversations,
        )

    @lazily
    def turn_counts(self) -> Edge[tuple[Owned], int]:
        return self._many(contexts.turn_counts, int)

    @lazily
    def summaries(self) -> Edge[Owned, Context | None]:
        return self._one(summaries.by_conversation)

    @lazily
    def conversation_responses(self) -> Edge[OfRow, list[Response]]:
        return self._many(responses.pages_by_conversation, list)

    @lazily
    def conversation_response_counts(self) -> Edge[tuple[Owned], int]:
        return self._many(responses.counts_by_conversation, int)

    @lazily
    def citing_responses(self) -> Edge[OfRow, list[Response]]:
        return self._many(responses.pages_by_context, list)

    @lazily
    def citing_response_counts(self) -> Edge[tuple[Owned], int]:
        return self._many(responses.counts_by_context, int)

    @lazily
    def versions(self) -> Edge[OfRow, list[ContextVersion]]:
        return self._many(context_versions.pages_by_context, list)

    @lazily
    def version_counts(self) -> Edge[tuple[Owned], int]:
        return self._many(context_versions.counts_by_context, int)

    def _one(
        self,
        read: Callable[[Database, list[Key]], Awaitable[Mapping[Key, Value]]],
        read_written: Callable[[Database, Key, Wanted], Awaitable[Object | None]] | None = None,
    ) -> Edge[Key, Value | None]:
        async def batch(keys: list[Key]) -> list[Value | None]:
            with self._batch(read, keys) as batch_of:
                found = await read(self._db, keys)
                batch_of.has_read(found.values())
            return [found.get(key) for key in keys]

        async def one(key: Key, wanted: Wanted) -> Object | None:
            assert read_written  # noqa: S101  # or nobody is given this
            with self._batch(read, [key]) as batch_of:
                found = await read_written(self._db, key, wanted)
                batch_of.has_read([found] if found else [])
            return found

        return Edge(self, batch, Written(one=one if read_written else None))

    def _many(
        self,
        read: Callable[..., Awaitable[Mapping[Parent, Value]]],
        absent: Callable[[], Value],
        read_leaves: Callable[..., Awaitable[Mapping[Parent, LeafPage]]] | None = None,
        inside: Callable[..., Rows] | None = None,
    ) -> Edge[Key, Value]:
        async def batch(keys: list[Any]) -> list[Value]:
            with self._batch(read, keys) as batch_of:
                found = await batched(partial(read, self._db), absent, keys)
                if read in OF_CONTEXTS:
                    batch_of.has_read(chain.from_iterable(map(_shown, keys, found)))
                return found

        async def leaves(keys: list[Any], layout: Layout, lists: Sequence[Rows]) -> list[LeafPage]:
            assert read_leaves  # noqa: S101  # or nobody is given this
            with self._batch(read, keys) as batch_of:
                pages = partial(read_leaves, self._db, layout=layout, lists=lists)
                found = await batched(pages, _no_leaves, keys)
                batch_of.has_read(found)
                return found

        written = Written(
            pages=leaves if read_leaves else None,
            inside=partial(inside, self._db) if inside else None,
        )
        return Edge(self, batch, written)

    def _batch(self, read: Callable[..., object], keys: Sequence[object]) -> Batch:
        return Batch(self, read, keys, of_contexts=read in OF_CONTEXTS)


OF_CONTEXTS: set[Callable[..., object]] = {
    contexts.get_many,
    contexts.profiles,
    contexts.pages_by_user,
    contexts.turns_by_conversation,
    context_moments.pages_by_user,
    summaries.by_conversation,
}
"""What reads contexts, be there any or not."""


def _shown(key: tuple[object, Page], rows: Any) -> Any:
    """The rows of a page without the one too many, which nobody sees."""
    _, asked, *_ = key
    if len(rows) < asked.limit:
        return rows
    return rows[1:] if asked.from_end else rows[:-1]


def _no_leaves() -> LeafPage:
    return LeafPage(NOBODY, (), (), ())
