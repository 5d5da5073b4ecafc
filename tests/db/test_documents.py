"""Documents that were read, and how PostgreSQL writes them."""

from __future__ import annotations

import orjson

from db import context_writes, contexts
from db.documents import Document, received, sent
from db.pool import Database
from tests.making import a_user, knowledge

CONTENT = {"text": 'He said: "a, b".', "é\n": [1, 2.5, True, None, {"x": {}}], "big": 2**63 - 1}


async def test_a_document_that_is_read_has_the_text_of_postgresql(db: Database) -> None:
    ada = await a_user(db)
    made = await context_writes.create(db, ada.id, knowledge("tea", metadata=CONTENT))
    (read,) = (await contexts.get_many(db, [(ada.id, made.id)])).values()
    (row,) = await db.fetch("select metadata::text as written from contexts")
    for found in (made.metadata, read.metadata):
        assert isinstance(found, Document)
        assert found == CONTENT
        assert found.text.decode() == row["written"]


def test_what_is_read_can_be_sent_again() -> None:
    document = received(sent(CONTENT))
    assert received(sent(document)) == document == CONTENT


def test_what_is_no_object_is_read_as_it_is() -> None:
    for value in ([1, {"a": 2}], "text", 1, None):
        assert received(sent(value)) == value == orjson.loads(sent(value)[1:])
