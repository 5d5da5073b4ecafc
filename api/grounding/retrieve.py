"""Reading what a message may be answered from. The one step of grounding that touches the database."""

from __future__ import annotations

import asyncio
from uuid import UUID

from api.grounding.found import Asked, Found
from db import contexts, search
from db.paging import Page
from db.pool import Database
from db.records import Context

CANDIDATES = 50
"""How many matching contexts are read; ranking and the budget choose among them."""


async def retrieve(db: Database, asked: Asked, recent_turns: int) -> Found:
    """The user's profile, the end of the conversation, and what matches the message."""
    profiles, summary, turns, matches = await asyncio.gather(
        contexts.profiles(db, [asked.user_id]),
        _summary(db, asked.user_id, asked.conversation_id),
        _turns(db, asked.user_id, asked.conversation_id, recent_turns),
        search.matching(db, asked.user_id, asked.message, CANDIDATES),
    )
    return Found(
        profile=profiles.get(asked.user_id),
        summary=summary,
        turns=tuple(turns),
        matches=tuple(matches),
    )


async def _summary(db: Database, user_id: UUID, conversation_id: UUID | None) -> Context | None:
    if conversation_id is None:
        return None
    return await contexts.latest_summary(db, user_id, conversation_id)


async def _turns(
    db: Database, user_id: UUID, conversation_id: UUID | None, count: int
) -> list[Context]:
    if conversation_id is None or count == 0:
        return []
    conversation = (user_id, conversation_id)
    last = Page(count, newest_first=False, from_end=True)
    return (await contexts.turns_by_conversation(db, [conversation], last)).get(conversation, [])
