"""`make bench-recall DATA=<file>`: how much of what a question needs is found, and fits into a prompt.

The file holds conversations with questions in the LoCoMo format. Each turn is stored as a context; each question is
searched for and grounded. Recall is the part of a question's evidence that is among the first so many finds, or in a
prompt of so many tokens, and the mean of that over the questions. Without an embedding model
(`CONTEXTQL_EMBEDDING_MODEL`) the words alone are searched.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import mean
from uuid import UUID

from rich.console import Console
from rich.table import Table

from api import context_types
from api.grounding import Asked, Mode, Searcher, Wanted, ground
from db import context_writes, conversations, migration, users
from db.context_writes import NewContext
from db.embedded import embedded
from db.pool import Database
from tests.bench.locomo import Question, Sample, Session, Turn, read
from tests.bench.searching import searching

FIRST = (5, 10, 20, 50)
BUDGETS = (500, 1000, 2000)
ANSWERABLE = (1, 2, 3, 4)
"""The categories that count; the questions of the fifth have no answer."""

Recall = Sequence[float]
"""Within the first so many finds, then within the budgets."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A sample in the store: whose contexts they are, and which turn each of them is."""

    user_id: UUID
    turns: Mapping[UUID, str]
    questions: Sequence[Question]


async def store(db: Database, number: int, sample: Sample) -> Stored:
    """Store each session as a conversation, each turn as a context of the time it was said."""
    user = await users.upsert(db, f"sample {number}")
    turns: dict[UUID, str] = {}
    for session in sample.sessions:
        talk = await conversations.create(db, user.id, None, {})
        new = [_context(session, place, talk.id) for place in range(len(session.turns))]
        made = await context_writes.create_many(db, user.id, new)
        turns |= {context.id: turn.id for context, turn in zip(made, session.turns, strict=True)}
    return Stored(user.id, turns, sample.questions)


def _context(session: Session, place: int, talk: UUID) -> NewContext:
    content = said(session.turns[place])
    return NewContext(
        "conversation",
        content,
        context_types.searchable("conversation", content),
        conversation_id=talk,
        created_at=session.began + timedelta(seconds=30 * place),
    )


def said(turn: Turn) -> dict[str, str]:
    """A turn as the content of a context."""
    content = {"role": "user", "name": turn.speaker, "message": turn.text}
    return content | ({"image": turn.caption} if turn.caption else {})


async def recalled(searcher: Searcher, stored: Stored, asked: Question, mode: Mode) -> Recall:
    """How much of the evidence is found."""
    wanted = Wanted(stored.user_id, asked.text, max(FIRST), mode)
    found = [match.context.id for match in await searcher.matches(wanted) if not match.is_noise]
    within = [await _in_prompt(searcher, stored, asked, mode, budget) for budget in BUDGETS]
    return [_part(stored, asked, ids) for ids in (*(found[:first] for first in FIRST), *within)]


async def _in_prompt(
    searcher: Searcher, stored: Stored, asked: Question, mode: Mode, budget: int
) -> list[UUID]:
    wish = Asked(stored.user_id, asked.text, None, budget, mode=mode)
    grounding = await ground(searcher, wish, recent_turns=0)
    assert grounding.tokens <= budget
    return [item.candidate.context.id for item in grounding.items if item.included]


def _part(stored: Stored, asked: Question, ids: Iterable[UUID]) -> float:
    return len(asked.evidence & {stored.turns[id] for id in ids}) / len(asked.evidence)


async def measured(
    searcher: Searcher, samples: Sequence[Stored], mode: Mode
) -> dict[str, list[Recall]]:
    """The recall of every question, by category; `1-4` are all that have an answer."""
    recalls: dict[str, list[Recall]] = defaultdict(list)
    for stored in samples:
        for asked in stored.questions:
            recall = await recalled(searcher, stored, asked, mode)
            recalls[str(asked.category)].append(recall)
            if asked.category in ANSWERABLE:
                recalls["1-4"].append(recall)
    return recalls


def table(mode: Mode, recalls: Mapping[str, list[Recall]]) -> Table:
    """A line for each category."""
    shown = Table(title=f"Recall, {mode.value.lower()}")
    heads = [*(f"@{first}" for first in FIRST), *(f"{budget} tokens" for budget in BUDGETS)]
    for head in ("category", "questions", *heads):
        shown.add_column(head, justify="right")
    for category, rows in sorted(recalls.items(), key=lambda one: (len(one[0]), one[0])):
        means = [f"{mean(column):.3f}" for column in zip(*rows, strict=True)]
        shown.add_row(category, str(len(rows)), *means)
    return shown


async def run(database_url: str, samples: Sequence[Sample], console: Console) -> None:
    """Store, search, and show."""
    async with searching(database_url) as found:
        stored = [await store(found.db, n, sample) for n, sample in enumerate(samples)]
        modes = await found.ready()
        for mode in modes:
            console.print(table(mode, await measured(found.searcher, stored, mode)))


def main(path: Path) -> None:
    samples = read(path)
    with tempfile.TemporaryDirectory() as folder:
        # The server of the database may run as another user, who must be able to reach it.
        Path(folder).chmod(0o755)
        with embedded(Path(folder)) as postgres:
            migration.upgrade(postgres.url)
            asyncio.run(run(postgres.url, samples, Console(width=120)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
