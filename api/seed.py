"""A few realistic users, so that a newcomer has something to look at."""

from __future__ import annotations

from dataclasses import dataclass

from rich.progress import track

from api import context_types
from db import context_writes, contexts, conversations, users
from db.context_writes import NewContext
from db.filters import ContextFilter
from db.paging import Page
from db.pool import Database
from db.records import Json


@dataclass(frozen=True, slots=True)
class Person:
    """A user to store: a profile, loose contexts as (type, content), and conversations as (title, turns)."""

    external_id: str
    name: str
    profile: Json
    known: tuple[tuple[str, Json], ...]
    talks: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


PEOPLE = (
    Person(
        "ada",
        "Ada Lovelace",
        {"occupation": "mathematician", "home": "London", "interests": ["engines", "music"]},
        (
            ("preference", {"text": "Ada prefers short answers with an example."}),
            ("preference", {"text": "Ada drinks tea with lemon and never coffee."}),
            (
                "knowledge",
                {
                    "title": "Travel plan",
                    "text": "Ada flies to Copenhagen on 12 December and stays at Hotel Astoria for three nights. "
                    "She meets Niels at the observatory on the second day.",
                    "source": "calendar",
                },
            ),
            (
                "knowledge",
                {
                    "title": "Project Analytical Engine",
                    "text": "The engine's program for Bernoulli numbers is finished. "
                    "The next milestone is a program that composes music.",
                    "source": "notes",
                },
            ),
            ("allergy", {"substance": "penicillin", "since": 1999, "severity": "severe"}),
        ),
        (
            (
                "Planning the trip",
                (
                    ("Where am I staying in Copenhagen?", "At Hotel Astoria, for three nights."),
                    ("And whom do I meet?", "Niels, at the observatory on the second day."),
                ),
            ),
        ),
    ),
    Person(
        "grace",
        "Grace Hopper",
        {"occupation": "rear admiral", "home": "New York", "languages": ["COBOL", "English"]},
        (
            ("preference", {"text": "Grace wants units in nanoseconds where possible."}),
            (
                "knowledge",
                {
                    "title": "The first bug",
                    "text": "On 9 September 1947 a moth was found in relay 70 of the Mark II. "
                    "It was taped into the logbook.",
                    "source": "logbook",
                },
            ),
            (
                "knowledge",
                {"text": "A nanosecond of wire is 29.98 centimetres long.", "source": "lecture"},
            ),
        ),
        (
            (
                "The logbook",
                (
                    (
                        "What was the first bug?",
                        "A moth in relay 70 of the Mark II, in September 1947.",
                    ),
                ),
            ),
        ),
    ),
    Person(
        "mary",
        "Mary Somerville",
        {"occupation": "astronomer", "home": "Edinburgh"},
        (
            (
                "knowledge",
                {"text": "Mary's telescope was repaired in October; the new lens is from Jena."},
            ),
            ("preference", {"text": "Mary reads French and Latin, and likes sources cited."}),
        ),
        (),
    ),
)


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
    await context_writes.set_profile(db, user.id, person.profile, profile_text)
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
