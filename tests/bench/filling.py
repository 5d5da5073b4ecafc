"""A store filled with made-up users: texts of words as rare and as frequent as those of a language."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import asyncpg
import orjson
from uuid_utils.compat import uuid7

VOCABULARY = 30_000
TURNS = 20
"""How many turns a conversation has; every other conversation is followed by as many pieces of knowledge."""

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)

_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]

STAGE = """
create temporary table staged (
    n integer, id uuid, conversation_id uuid, context_type text, content text, text text
) on commit drop
"""

STORE = """
insert into contexts (user_id, id, conversation_id, context_type, content, created_at, search)
select $1, s.id, s.conversation_id, s.context_type, s.content::jsonb,
    $2::timestamptz + s.n * interval '1 minute', to_tsvector('english', s.text)
from staged s
"""


def vocabulary() -> list[str]:
    """Words, the most frequent first; every process makes the same."""
    source = random.Random(1)  # noqa: S311
    return ["".join(source.choices(_SYLLABLES, k=2 + n % 3)) for n in range(VOCABULARY)]


class Speaker:
    """Says sentences whose words are as frequent as Zipf has it."""

    def __init__(self, seed: int) -> None:
        self._source = random.Random(seed)  # noqa: S311
        self._words = vocabulary()
        self._weights = list(itertools.accumulate(1 / (n + 10) for n in range(VOCABULARY)))

    def text(self) -> str:
        size = self._source.randint(8, 40)
        return " ".join(self._source.choices(self._words, cum_weights=self._weights, k=size))

    def question(self) -> str:
        """Six words, some of them frequent, as somebody might ask."""
        return " ".join(self._source.choices(self._words, cum_weights=self._weights, k=6))


async def fill(url: str, namespace: UUID, sizes: Mapping[str, int]) -> None:
    """Store each user, by external id, with so many contexts."""
    connection = await asyncpg.connect(url)
    speaker = Speaker(2)
    try:
        for external_id, size in sizes.items():
            await _fill_one(connection, uuid5(namespace, external_id), external_id, size, speaker)
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def _fill_one(
    connection: asyncpg.Connection, user: UUID, external_id: str, size: int, speaker: Speaker
) -> None:
    async with connection.transaction():
        await connection.execute(
            "insert into users (id, external_id) values ($1, $2)", user, external_id
        )
        talks = [uuid7() for _ in range(size // TURNS + 1)]
        await connection.executemany(
            "insert into conversations (user_id, id) values ($1, $2)", [(user, t) for t in talks]
        )
        await connection.execute(STAGE)
        await connection.copy_records_to_table("staged", records=_rows(size, talks, speaker))
        await connection.execute(STORE, user, BEGAN - timedelta(minutes=size))


def _rows(size: int, talks: list[UUID], speaker: Speaker) -> Iterator[tuple[object, ...]]:
    for n in range(size):
        talk = n // TURNS
        text = speaker.text()
        if talk % 2:
            content = {"text": text}
            yield n, uuid7(), None, "knowledge", orjson.dumps(content).decode(), text
        else:
            content = {"role": "user", "message": text}
            yield (
                n,
                uuid7(),
                talks[talk],
                "conversation",
                orjson.dumps(content).decode(),
                f"User: {text}",
            )
