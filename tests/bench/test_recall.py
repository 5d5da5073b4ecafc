"""The recall benchmark itself, on a small set of the same format."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from api.grounding import Mode
from db import contexts
from db.filters import ContextFilter
from db.paging import Page
from tests.bench.locomo import read
from tests.bench.recall import measured, store, table
from tests.bench.searching import searching

SMALL = Path(__file__).parent / "small.json"


def test_the_format_is_read_with_the_oddities_of_the_public_data() -> None:
    harbour, kitchen = read(SMALL)
    assert [len(session.turns) for session in harbour.sessions] == [6, 4]
    assert harbour.sessions[0].began == datetime(2024, 3, 3, 9, 5, tzinfo=UTC)
    assert harbour.sessions[1].began == datetime(2024, 6, 21, 19, 40, tzinfo=UTC)
    # One has no evidence; another names two turns in one string.
    assert [question.category for question in harbour.questions] == [4, 2, 4, 1, 5]
    assert harbour.questions[3].evidence == {"D2:2", "D2:4"}
    assert kitchen.sessions[0].began.hour == 12


async def test_turns_are_stored_as_contexts_and_recall_is_measured_by_category(
    database_url: str,
) -> None:
    samples = read(SMALL)
    async with searching(database_url) as found:
        stored = [await store(found.db, n, sample) for n, sample in enumerate(samples)]
        assert await found.ready() == (Mode.KEYWORD,)
        recalls = await measured(found.searcher, stored, Mode.KEYWORD)
        oldest = Page(1, newest_first=False)
        pages = await contexts.pages_by_user(found.db, [stored[0].user_id], oldest, ContextFilter())
    (first,) = pages[stored[0].user_id]
    assert first.content["name"] == "Nora"
    assert first.created_at == datetime(2024, 3, 3, 9, 5, tzinfo=UTC)
    assert {category: len(rows) for category, rows in recalls.items()} == {
        "1": 1, "2": 1, "4": 4, "5": 1, "1-4": 6,
    }  # fmt: skip
    # So small a set fits whole: everything is among the first ten, and in the largest prompt.
    assert all(row[1:4] == [1, 1, 1] and row[-1] == 1 for row in recalls["1-4"])
    assert table(Mode.KEYWORD, recalls).row_count == 5
