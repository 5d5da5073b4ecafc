"""Storing the users, each once."""

from __future__ import annotations

from rich.progress import track

from api import context_types
from api.seed.people import PEOPLE, Person
from db import context_writes, contexts, conversations, profiles, users
from db.context_writes import NewContext
from db.filters import ContextFilter
from db.paging import Page
from db.pool import Database
from db.records import Json


async def seed_all(db: Database) -> None:
    """Store everybody who is not there yet, with a progress bar."""
    for person in track(PEOPLE, description="Storing users"):
        await seed_one(db, person)


async def seed_one(db: Database, person: Person) -> None:
    """Store one person; somebody about whom something is known already is left alone."""
    user = await users.upsert(db, person.external_id, name=(person.name,))
    known = await contexts.pages_by_user(db, [user.id], Page(limit=1), ContextFilter())
    if known:
        return
    profile_text = context_types.searchable("profile", person.profile)
    await profiles.set_profile(db, user.id, person.profile, profile_text)
    new = [_new(kind, content) for kind, content in person.known]
    for title, turns in person.talks:
        talk = await conversations.create(db, user.id, title, {})
        for asked, answered in turns:
            content = {"role": "assistant", "message": answered, "user_message": asked}
            turn = _new("conversation", content)
            await context_writes.create(
                db,
                user.id,
                NewContext(turn.context_type, content, turn.text, conversation_id=talk.id),
            )
    await context_writes.create_many(db, user.id, new)


def _new(context_type: str, content: Json) -> NewContext:
    valid = context_types.validated(context_type, content)
    return NewContext(context_type, valid, context_types.searchable(context_type, valid))
