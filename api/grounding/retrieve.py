"""Reading what a message may be answered from. With `searcher`, the one step of grounding that touches the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

from api.grounding.found import Asked, Found
from api.grounding.searcher import Searcher
from api.grounding.wanted import Wanted
from db import context_moments, contexts, summaries
from db.filters import ContextFilter
from db.paging import Page
from db.pool import Database
from db.records import Context

Read = TypeVar("Read")

SMALLEST = 25
"""Tokens that a context takes at least, as a rule: so many candidates as could be in the prompt are read."""


async def retrieve(searcher: Searcher, asked: Asked, recent_turns: int) -> Found:
    """The user's profile, the end of the conversation, and what matches the message."""
    wanted = Wanted(
        asked.user_id, asked.message, _candidates(asked.budget), asked.mode, moment=asked.as_of
    )
    db = searcher.db
    profile, summary, turns, matches = await asyncio.gather(
        _part(searcher, "profile", partial(_profile, db, asked)),
        _part(searcher, "summary", partial(_summary, db, asked)),
        _part(searcher, "turns", partial(_turns, db, asked, recent_turns)),
        searcher.matches(wanted),
    )
    return Found(profile, summary, tuple(turns), matches)


async def _part(searcher: Searcher, name: str, read: Callable[[], Awaitable[Read]]) -> Read:
    # It may be given up before it has begun: a coroutine that was made by then would never be awaited.
    with searcher.part(name):
        return await read()


def _candidates(budget: int) -> int:
    return min(max(budget // SMALLEST, 50), 200)


async def _profile(db: Database, asked: Asked) -> Context | None:
    if asked.as_of is not None:
        return await _newest_then(db, asked, ContextFilter(context_types=("profile",)))
    return (await contexts.profiles(db, [asked.user_id])).get(asked.user_id)


async def _summary(db: Database, asked: Asked) -> Context | None:
    if asked.conversation_id is None:
        return None
    if asked.as_of is not None:
        return await _newest_then(db, asked, _of("summary", asked.conversation_id))
    conversation = (asked.user_id, asked.conversation_id)
    return (await summaries.by_conversation(db, [conversation])).get(conversation)


async def _turns(db: Database, asked: Asked, count: int) -> list[Context]:
    """The newest turns of the conversation, oldest first."""
    if asked.conversation_id is None or count == 0:
        return []
    last = Page(count, newest_first=False, from_end=True)
    if asked.as_of is not None:
        return await _then(db, asked, _of("conversation", asked.conversation_id), last)
    conversation = (asked.user_id, asked.conversation_id)
    return (await contexts.turns_by_conversation(db, [conversation], last)).get(conversation, [])


def _of(context_type: str, conversation_id: UUID) -> ContextFilter:
    return ContextFilter(context_types=(context_type,), conversation_id=conversation_id)


async def _newest_then(db: Database, asked: Asked, wanted: ContextFilter) -> Context | None:
    found = await _then(db, asked, wanted, Page(1))
    return found[0] if found else None


async def _then(db: Database, asked: Asked, wanted: ContextFilter, page: Page) -> list[Context]:
    """A stretch of the contexts as they stood at the moment that is asked for."""
    assert asked.as_of is not None  # noqa: S101  # it is asked before
    pages = await context_moments.pages_by_user(db, [asked.user_id], page, wanted, asked.as_of)
    return pages.get(asked.user_id, [])
