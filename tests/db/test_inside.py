"""Lists inside and beside the objects that PostgreSQL writes: the statements, and what comes of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import product

import asyncpg
import pytest

from db import contexts, conversations, users
from db.inside import Inside, Layout, Rows, filled
from db.leaves import LeafValue, Written
from db.objects import Beside, Single, Wanted
from db.paging import Page
from db.pool import Database
from db.scope import Scope
from tests.db.test_leaves import OF_CONTEXTS, OF_CONVERSATIONS
from tests.db.test_statements import PAGES, every_filter

OF_USERS = (
    LeafValue("id", "U", Written.ID),
    LeafValue("name", "name", Written.TEXT, nullable=True),
    LeafValue("metadata", "metadata", Written.PLAIN),
)


def inside(key: str, node: Layout) -> Inside:
    return Inside(key, '{"edges":[', '{"node":', "}", "]}", 1, 2, node)


TURNS = Layout(OF_CONTEXTS)
TALKS = Layout((*OF_CONVERSATIONS, inside("turns", TURNS)))
EVERYTHING = Layout((*OF_USERS, inside("contexts", TURNS), inside("talks", TALKS)))


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    try:
        yield connection
    finally:
        await connection.close()


def lists(seen: str, page: Page) -> list[list[Rows]]:
    """The lists of `EVERYTHING`, in every way in which the contexts may be filtered."""
    talks, turns = (
        conversations.inside_users("contexts", page),
        contexts.inside_conversations("contexts", page),
    )
    return [[contexts.inside_users(seen, page, wanted), talks, turns] for wanted in every_filter()]


async def types(connection: asyncpg.Connection, statement: str) -> list[str]:
    prepared = await connection.prepare(statement)
    return [attribute.type.name for attribute in prepared.get_attributes()]


async def test_pages_with_lists_inside_are_prepared(
    db: Database, connection: asyncpg.Connection
) -> None:
    handles = (db, db.within(Scope(users.id_of(db, "ada"))))
    for handle, page in product(handles, PAGES):
        for rows in lists(handle.scope.seen("contexts"), page):
            first = 1 + len(page.within.args)
            statement = users.page_statement(page, filled(users.TABLE, EVERYTHING, rows, first))
            found = await types(connection, statement)
            assert found == ["text[]", "text[]", "text[]", "uuid[]", "int4[]", "text[]"]


OBJECTS = (
    (users.WRITTEN, EVERYTHING),
    (conversations.WRITTEN, Layout(OF_CONVERSATIONS)),
    (contexts.WRITTEN, Layout(OF_CONTEXTS)),
)


@pytest.mark.parametrize(("single", "layout"), OBJECTS)
async def test_single_objects_are_prepared(
    db: Database, connection: asyncpg.Connection, single: Single, layout: Layout
) -> None:
    for page in PAGES:
        rows = lists("contexts", page)[0] if layout is EVERYTHING else []
        found = await types(connection, single.composed(Wanted(layout, rows)).sql)
        assert found[:2] + found[3:] == ["uuid", "uuid", "text", "int4", "text"]


async def test_an_object_with_pages_beside_it_comes_value_by_value(
    db: Database, connection: asyncpg.Connection
) -> None:
    for page in PAGES:
        talks, turns = (
            conversations.inside_users("contexts", page),
            contexts.inside_conversations("contexts", page),
        )
        beside = [
            Beside(page, lists("contexts", page)[0][0], TURNS),
            Beside(page, talks, TALKS, [turns]),
        ]
        wanted = Wanted(Layout(OF_USERS), (), beside)
        found = await types(connection, users.WRITTEN.composed(wanted).sql)
        assert found[2:6] == ["text", "text[]", "int4", "text"]
        assert len(found) == 6 + 3 + 6
