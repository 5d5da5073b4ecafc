"""A conversation, and who summarises it."""

from __future__ import annotations

import pytest

from db import conversations
from db.pool import Database
from tests.making import a_user
from tests.scripted import Scripted
from tests.upkeep.talk import Talk


@pytest.fixture
async def talk(db: Database) -> Talk:
    ada = await a_user(db)
    return Talk(db, await conversations.create(db, ada.id, "Lisbon", {}))


@pytest.fixture
def model() -> Scripted:
    return Scripted(["They spoke of Lisbon."])
