"""Short ways to store what a test is about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from db import context_writes, users
from db.context_writes import NewContext
from db.pool import Database
from db.records import Context, Json, User


async def a_user(db: Database, external_id: str = "ada") -> User:
    return await users.upsert(db, external_id)


def knowledge(
    text: str,
    *,
    metadata: Json | None = None,
    conversation_id: UUID | None = None,
    expires_at: datetime | None = None,
    created_at: datetime | None = None,
    context_type: str = "knowledge",
) -> NewContext:
    return NewContext(
        context_type,
        {"text": text},
        text,
        metadata or {},
        conversation_id,
        expires_at,
        created_at,
    )


async def a_context(db: Database, user: User, text: str = "Ada plays chess.") -> Context:
    return await context_writes.create(db, user.id, knowledge(text))
