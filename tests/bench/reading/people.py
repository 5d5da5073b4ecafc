"""What is stored for the measurement, as plain functions of numbers: every answer is known beforehand.

A user has 100 contexts: 40 turns in five conversations, the first of which has 20, then 40 pieces of knowledge and 20
preferences, all mixed in time. Every fifth user has five responses in the first conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID, uuid5

from api.context_types import searchable
from db.records import Context, Conversation, Json, Response, User
from tests.bench.filling import Speaker

CONTEXTS = 100
TALKS = 5
FIRST_TURNS, FURTHER_TURNS, KNOWN = 20, 5, 40
RESPONSES = 5
ANSWERED = 5
"""Every so manieth user has responses."""

BEGAN = datetime(2026, 10, 1, 8, tzinfo=UTC)
TEXTS = 500


def external_id(number: int) -> str:
    return f"user-{number:06}"


def id_at(time: datetime, number: int, part: int) -> UUID:
    """As a UUIDv7 of that time; what would be random says whose and which it is."""
    return UUID(int=round(time.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | number << 24 | part)


@cache
def texts() -> list[str]:
    speaker = Speaker(8)
    return [f"{speaker.text().capitalize()}." for _ in range(TEXTS)]


def text(number: int, place: int) -> str:
    return texts()[(number * 31 + place) % TEXTS]


class Person:
    """A user by number, with all that is stored for them."""

    def __init__(self, namespace: UUID, number: int) -> None:
        self.number = number
        self.id = uuid5(namespace, external_id(number))
        # Milliseconds, so that a server whose times hold no more shows them whole.
        self.since = BEGAN + timedelta(seconds=number, milliseconds=1 + number % 997)

    def user(self) -> User:
        name = f"User {self.number}"
        return User(self.id, external_id(self.number), name, {}, self.since, self.since)

    def conversations(self) -> list[Conversation]:
        """The earliest first."""
        return [self._conversation(place) for place in range(TALKS)]

    def _conversation(self, place: int) -> Conversation:
        at = self.since + timedelta(hours=place)
        id, title = (
            id_at(at, self.number, 1000 + place),
            f"{place}: {text(self.number, place)[:40]}",
        )
        return Conversation(self.id, id, title, {}, at, at, is_active=True, version=1)

    def contexts(self) -> list[Context]:
        """In no order of time."""
        talks = [talk.id for talk in self.conversations()]
        return [self._context(place, talks) for place in range(CONTEXTS)]

    def _context(self, place: int, talks: list[UUID]) -> Context:
        at = self.since + timedelta(minutes=place * 37 % CONTEXTS, hours=24)
        kind, talk = _kind_and_talk(place)
        return Context(
            user_id=self.id,
            id=id_at(at, self.number, place),
            conversation_id=None if talk is None else talks[talk],
            context_type=kind,
            content=_content(kind, place, text(self.number, place)),
            metadata={"source": "import", "number": place, "tags": ["tea", f"t{place % 7}"]},
            created_at=at,
            updated_at=at,
            expires_at=None,
            is_active=True,
            version=1,
        )

    def responses(self) -> list[Response]:
        """The earliest first; only every fifth user has any."""
        if self.number % ANSWERED:
            return []
        known = [one for one in self.contexts() if one.context_type == "knowledge"]
        talk = self.conversations()[0].id
        return [self._response(place, talk, known) for place in range(RESPONSES)]

    def _response(self, place: int, talk: UUID, known: list[Context]) -> Response:
        at = self.since + timedelta(days=2, minutes=place)
        considered = known[place * 8 : place * 8 + 8]
        said = f"{text(self.number, place)} [1] {text(self.number, place + 7)} [3] And that is all [5]."
        return Response(
            user_id=self.id,
            id=id_at(at, self.number, 2000 + place),
            conversation_id=talk,
            status="COMPLETED",
            message=text(self.number, place + 3),
            text=said,
            model="extractive",
            budget=2000,
            as_of=None,
            grounding=_receipt(considered),
            input_tokens=900,
            output_tokens=60,
            cost_usd=None,
            groundedness=0.75,
            error_code=None,
            error_message=None,
            created_at=at,
            first_token_at=at,
            completed_at=at,
            rating=None,
            rating_comment=None,
            rated_at=None,
        )


def _kind_and_talk(place: int) -> tuple[str, int | None]:
    if place < FIRST_TURNS:
        return "conversation", 0
    turns = FIRST_TURNS + (TALKS - 1) * FURTHER_TURNS
    if place < turns:
        return "conversation", 1 + (place - FIRST_TURNS) // FURTHER_TURNS
    return "knowledge" if place < turns + KNOWN else "preference", None


def _content(kind: str, place: int, said: str) -> Json:
    if kind == "conversation":
        return {"role": "assistant" if place % 2 else "user", "message": said}
    return {"text": said}


def _receipt(considered: list[Context]) -> Json:
    """As `api.grounding.receipt` writes it: the first five are in the prompt, the others were left out."""
    said = "\n".join(f"[{n}] {one.content['text']}" for n, one in enumerate(considered, 1))
    return {
        "tokens": 640,
        "prompt": [
            {"role": "SYSTEM", "text": f"Answer from what is known about the user.\n{said}"},
            {"role": "USER", "text": considered[0].content["text"]},
        ],
        "items": [_item(one, place) for place, one in enumerate(considered, 1)],
    }


def _item(one: Context, place: int) -> Json:
    included = place <= 5
    return {
        "contextId": str(one.id),
        "contextVersion": one.version,
        "section": "KNOWLEDGE",
        "included": included,
        "reason": "RELEVANT" if included else "OVER_BUDGET",
        "rank": place,
        "score": round(1 / place, 6),
        "keywordScore": round(9 / place, 3),
        "semanticScore": None,
        "tokens": 40,
        "truncated": False,
        "number": place if included else None,
    }


HOARDER = "the one of many contexts"
HOARD = 210_000


@dataclass(frozen=True, slots=True)
class Stored:
    """How many users there are, how many contexts the one of many has, and what users' ids are UUIDv5 under."""

    namespace: UUID
    users: int
    hoard: int = HOARD


def hoarded(owner: UUID, number: int) -> Context:
    """One of the many contexts of one user, the earliest first."""
    at = BEGAN - timedelta(days=30) + timedelta(seconds=number, milliseconds=1)
    return Context(
        user_id=owner,
        id=id_at(at, 1 << 30, number),
        conversation_id=None,
        context_type="knowledge",
        content={"text": f"Fact {number} about tea."},
        metadata={"number": number},
        created_at=at,
        updated_at=at,
        expires_at=None,
        is_active=True,
        version=1,
    )


def found_by(one: Context) -> str:
    """What search finds it by."""
    return searchable(one.context_type, one.content)
