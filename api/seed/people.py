"""Who is stored: a few realistic users, with what they know and what they ask."""

from __future__ import annotations

from dataclasses import dataclass

from db.ratings import Rating
from db.records import Json


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, with the tokens that the prompt may take; and the rating of the answer, if it was rated."""

    message: str
    budget: int
    rating: Rating | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A user to store: a profile, loose contexts as (type, content), and conversations as (title, turns).

    What is asked is as (title, questions), each a conversation that is answered.
    """

    external_id: str
    name: str
    profile: Json
    known: tuple[tuple[str, Json], ...]
    talks: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    asked: tuple[tuple[str, tuple[Question, ...]], ...]


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
        (
            (
                "Before the flight",
                (
                    Question(
                        "When do I fly to Copenhagen?",
                        300,
                        Rating(5, "Exactly what I needed to know."),
                    ),
                    Question("Whom do I meet at the observatory?", 360),
                ),
            ),
            (
                "At the pharmacy",
                (Question("Which substance do I not tolerate?", 300),),
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
        (
            (
                "Before the lecture",
                (
                    Question(
                        "How long is the wire of a nanosecond?",
                        300,
                        Rating(3, "Right, but I asked for it in inches."),
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
        (("The observatory", (Question("Where is the new lens of the telescope from?", 260),)),),
    ),
)
