from __future__ import annotations

import pytest

from db import context_writes, search
from db.pool import Database
from tests.making import a_user, knowledge


@pytest.mark.parametrize(
    ("message", "best"),
    [
        ("What does Ada play on Sundays?", "Ada plays chess on Sundays."),
        ("tea", "Ada drinks tea with lemon."),
        ("drinking!", "Ada drinks tea with lemon."),
    ],
)
async def test_the_words_of_a_question_are_ored_and_ranked(
    db: Database, message: str, best: str
) -> None:
    user = await a_user(db)
    facts = ["Ada plays chess on Sundays.", "Ada drinks tea with lemon.", "The engine is finished."]
    await context_writes.create_many(db, user.id, [knowledge(fact) for fact in facts])
    found = await search.matching(db, user.id, message, 10)
    assert found[0].context.content["text"] == best


@pytest.mark.parametrize(
    "message",
    ["", "   ", "the of and", "'", "\\", "a & b | !c <-> d", "'); drop table users;--", "🙂"],
)
async def test_any_message_is_safe_to_search_for(db: Database, message: str) -> None:
    user = await a_user(db)
    await context_writes.create(db, user.id, knowledge("It's a back\\slash & 'quotes'."))
    assert len(await search.matching(db, user.id, message, 10)) <= 1


async def test_words_with_quotes_and_backslashes_are_found(db: Database) -> None:
    user = await a_user(db)
    await context_writes.create(db, user.id, knowledge(r"The path is C:\engine\o'brien.txt"))
    assert await search.matching(db, user.id, r"where is C:\engine\o'brien.txt", 10)


async def test_only_the_users_own_active_contexts_match_and_never_the_profile(db: Database) -> None:
    ada, grace = await a_user(db), await a_user(db, "grace")
    await context_writes.create(db, grace.id, knowledge("Grace plays chess."))
    deleted = await context_writes.create(db, ada.id, knowledge("Chess was yesterday."))
    await context_writes.soft_delete(db, ada.id, deleted.id)
    await context_writes.set_profile(db, ada.id, {"hobby": "chess"}, "hobby: chess")
    assert await search.matching(db, ada.id, "chess", 10) == []
