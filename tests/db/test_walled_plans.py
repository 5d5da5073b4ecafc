"""How one user's rows are found under the second wall: by the indexes that the system finds them by."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from db import context_changes, context_writes, contexts, responses, search
from db.connection import STAND, VIEWER_ROLE
from db.filters import ContextFilter
from db.keys import which_users
from db.paging import EARLIEST, LATEST, Page
from db.pool import Database
from db.scope import NOBODY
from tests.making import a_user, knowledge

ANSWERS = """
with talk as (
    insert into conversations (user_id, id) values ($1, gen_random_uuid()) returning user_id, id
)
insert into responses (user_id, id, conversation_id, message, model, budget, status, completed_at, rests_on)
select user_id, gen_random_uuid(), id, '?', 'm', 500, 'COMPLETED', now(), array[gen_random_uuid()]
from talk cross join generate_series(1, 600)
"""


@pytest.fixture
async def own(db: Database, database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that works for a user with six hundred contexts, and as many answers."""
    ada = await a_user(db)
    await db.fetch(ANSWERS, ada.id)
    await context_writes.create_many(db, ada.id, [knowledge("Ada plays chess.")] * 600)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("analyze")
        await connection.execute("set enable_seqscan = off")
        await connection.fetch(STAND, VIEWER_ROLE, str(ada.id), "test")
        yield connection
    finally:
        await connection.close()


async def plan(own: asyncpg.Connection, statement: str, *args: object) -> str:
    return str(await (await own.prepare(statement)).explain(*args))


async def whose(own: asyncpg.Connection) -> UUID:
    id: UUID = await own.fetchval("select id from users")
    return id


BOUNDED = Page(21, after=LATEST, before=EARLIEST)


@pytest.mark.parametrize(("table", "is_open"), [("own_contexts", True), ("contexts", False)])
async def test_words_lead_to_contexts_over_the_view_and_not_under_the_policy(
    own: asyncpg.Connection, table: str, is_open: bool
) -> None:
    condition, _ = ContextFilter().condition(first=7)
    statement = search.matching_statement(search.Source(table=table), condition)
    words = (await whose(own), "english", "Does Ada play chess?", 1.2, 0.75, 100)
    assert ("contexts_terms" in await plan(own, statement, *words)) is is_open


async def test_a_context_leads_to_the_answers_that_rest_on_it(own: asyncpg.Connection) -> None:
    await own.execute("set enable_indexscan = off")
    ada = await whose(own)
    page = responses.page_by_context_statement(descending=True, table="own_responses")
    assert "responses_rests_on" in await plan(own, page, [ada], [ada], 5, *EARLIEST, *LATEST)


async def test_a_page_walks_its_index_under_the_policy_too(own: asyncpg.Connection) -> None:
    ada = which_users([await whose(own)])
    condition, args = ContextFilter(context_types=("knowledge",)).condition(first=6)
    for table in ("contexts", "own_contexts"):
        page = contexts.page_by_user_statement(ada, BOUNDED, condition, table)
        found = await plan(own, page, *ada.args, *BOUNDED.within.args, *args)
        assert "contexts_active_by" in found
        assert "Sort" not in found


async def test_what_has_changed_lately_is_found_by_its_time_under_the_policy_too(
    own: asyncpg.Connection,
) -> None:
    asked = ([await whose(own)], None, NOBODY, 50.0, [NOBODY], [1], context_changes.AT_ONCE)
    found = await plan(own, context_changes.LOOK, *asked)
    assert "contexts_by_change" in found
    assert "Sort" not in found
