"""Pages that PostgreSQL writes as JSON objects: their statements, for values of every kind."""

from __future__ import annotations

from itertools import chain, product

import asyncpg

from db import contexts, conversations
from db.leaves import LeafValue, Written, leaves
from tests.db.test_statements import PAGES, PARENTS, context_pages, rows

OF_ALL = (
    LeafValue("id", "C", Written.ID),
    LeafValue("__typename", "Context", Written.NAME),
    LeafValue("metadata", "metadata", Written.PLAIN),
    LeafValue("createdAt", "created_at", Written.TIME),
    LeafValue("again", "updated_at", Written.TIME, nullable=True),
    LeafValue("isActive", "is_active", Written.PLAIN),
    LeafValue("version", "version", Written.PLAIN, nullable=True),
)
"""Values that can be written of each of these tables."""

OF_CONTEXTS = (*OF_ALL, LeafValue("contextType", "context_type", Written.TEXT))
OF_CONVERSATIONS = (*OF_ALL, LeafValue("title", "title", Written.TEXT, nullable=True))


def pages_of_contexts() -> list[str]:
    reading = leaves(contexts.TABLE, OF_CONTEXTS)
    turns = [
        contexts.turns_statement(talks, asked, reading)
        for talks, asked in product(rows("v"), PAGES)
    ]
    pages = [context_pages(reading, asked, parents) for asked, parents in product(PAGES, PARENTS)]
    return [*turns, *chain.from_iterable(pages)]


def pages_of_conversations() -> list[str]:
    reading = leaves(conversations.TABLE, OF_CONVERSATIONS)
    return [
        conversations.page_by_user_statement(parents, asked, reading)
        for parents, asked in product(PARENTS, PAGES)
    ]


def test_values_of_every_kind_are_tried() -> None:
    for values in (OF_CONTEXTS, OF_CONVERSATIONS):
        assert {one.written for one in values} == set(Written)


async def test_every_statement_is_prepared_and_gives_what_a_page_is_made_of(
    database_url: str,
) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        for types, statements in (
            ("varchar[]", pages_of_contexts()),
            ("text[]", pages_of_conversations()),
        ):
            for statement in statements:
                prepared = await connection.prepare(statement)
                kinds = [attribute.type.name for attribute in prepared.get_attributes()]
                # Whose page it is, then types, places and objects.
                assert kinds == ["uuid", "uuid", types, "text[]", "text[]"], statement
                first, *_ = prepared.get_parameters()
                assert first.name in {"uuid", "uuid[]"}, "$1 is a user or several: it is narrowed"
    finally:
        await connection.close()
