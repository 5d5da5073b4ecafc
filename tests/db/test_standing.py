"""As whom a connection stands before PostgreSQL: changed in one round trip, only when need be, never by halves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

from db.pool import Access, Database, opened
from db.scope import Scope
from tests.databases import run_sql

STANDING = """
select current_user::text as role, current_setting('contextql.user_id', true) as user_id,
    current_setting('contextql.actor', true) as actor, pg_backend_pid() as pid, $1::uuid as asked
"""


@pytest.fixture
async def db(reached: Access) -> AsyncIterator[Database]:
    """With one connection, so that all who come use the same."""
    async with opened(replace(reached, pool_size=1)) as database:
        yield database


async def standing(db: Database) -> tuple[str, str, str]:
    row = await db.fetchrow(STANDING, db.scope.user or uuid4())
    assert row is not None
    return row["role"], row["user_id"] or "", row["actor"] or ""


async def test_a_connection_stands_for_whoever_it_works_for(db: Database) -> None:
    ada, bob = uuid4(), uuid4()
    assert (await standing(db))[:2] == ("postgres", "")
    for user in (ada, bob, ada):
        assert await standing(db.within(Scope(user, "me"))) == ("contextql_viewer", str(user), "me")
    assert await standing(db.within(Scope(None, "key"))) == ("postgres", "", "key")
    assert await standing(db) == ("postgres", "", "system")


async def test_it_is_told_once_and_not_again_for_the_same(db: Database) -> None:
    own = db.within(Scope(uuid4(), "me"))
    said: list[str] = []
    async with db.session() as session:
        session.connection.add_query_logger(lambda one: said.append(one.query))
    for _ in range(3):
        await standing(own)
    # asyncpg tells it in the next turn of the loop.
    await asyncio.sleep(0)
    assert sum("set_config" in one for one in said) == 1
    assert len(said) == 4
    async with own.transaction() as session:
        await session.fetch(STANDING, uuid4())
    assert sum("set_config" in one for one in said) == 1


async def test_what_was_rolled_back_leaves_it_as_it_stood(db: Database) -> None:
    own = db.within(Scope(uuid4(), "me"))
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with own.transaction() as session:
            await session.fetch("select 1 / 0 from users where id = $1 or true", uuid4())
    assert (await standing(own))[0] == "contextql_viewer"
    assert (await standing(db))[0] == "postgres"


async def test_a_connection_that_could_not_be_told_is_closed(
    reached: Access, database_url: str
) -> None:
    await run_sql(database_url, "create role plain login superuser")
    plain = database_url.replace("postgres:@", "plain:@")
    try:
        async with opened(replace(reached, url=plain, pool_size=1)) as db:
            first = await db.fetchrow(STANDING, uuid4())
            await run_sql(database_url, "alter role plain nosuperuser")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await standing(db.within(Scope(uuid4(), "me")))
            second = await db.fetchrow(STANDING, uuid4())
            assert first is not None
            assert second is not None
            assert second["pid"] != first["pid"]
            assert second["role"] == "plain"
    finally:
        await run_sql(database_url, "drop role plain")


async def test_one_that_is_left_while_it_is_told_is_closed(db: Database) -> None:
    own = db.within(Scope(uuid4(), "me"))
    leaving = asyncio.create_task(standing(own))
    for _ in range(3):
        # Somewhere on the way, wherever that is by now.
        await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    assert (await standing(db))[0] == "postgres"
    assert await standing(own) == ("contextql_viewer", str(own.scope.user), "me")
