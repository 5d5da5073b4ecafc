from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from db import applying, contexts, migration, revisions
from db.embedded import Embedded, embedded
from db.errors import Unavailable
from db.migration import Unfit
from db.pool import Access, opened
from db.revisions import Standing
from db.scope import Scope
from tests.databases import database, run_sql
from tests.making import a_context, a_user

TABLES = "select 1 / (count(*) = 0)::int from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'"


async def test_the_migrations_go_up_and_all_the_way_down_again(postgres: Embedded) -> None:
    async with database(postgres, template="template0") as url:
        assert await migration.standing(url) is Standing.BEHIND
        await asyncio.to_thread(migration.upgrade, url)
        assert await migration.standing(url) is Standing.CURRENT
        await asyncio.to_thread(migration.downgrade, url, "base")
        assert await migration.standing(url) is Standing.BEHIND
        await run_sql(url, TABLES)
        await asyncio.to_thread(migration.upgrade, url)
        assert await migration.standing(url) is Standing.CURRENT


EVENTS_OF_0001 = (
    "insert into users (id, external_id) select gen_random_uuid(), 'ada'",
    "insert into conversations (user_id, id) select id, gen_random_uuid() from users",
    """
    insert into responses (user_id, id, conversation_id, status, message, text, model, budget, grounding, completed_at)
    select user_id, gen_random_uuid(), id, 'COMPLETED', '?', 'Chess.', 'm', 500, '{}', now() from conversations
    """,
    """
    insert into response_events (user_id, response_id, seq, kind, text)
    select user_id, id, e.seq, e.kind, e.text from responses cross join (values
        (1, 'STARTED', ''), (2, 'DELTA', 'Che'), (3, 'DELTA', 'ss.'), (4, 'COMPLETED', '')
    ) e(seq, kind, text)
    """,
)
TOLD = "select array_agg((seq, kind, text)::text order by seq) from response_events"


async def test_events_of_ended_responses_are_folded_and_come_back_as_they_were(
    postgres: Embedded,
) -> None:
    async with database(postgres, template="template0") as url:
        await asyncio.to_thread(migration.upgrade, url, "0001")
        await run_sql(url, *EVENTS_OF_0001)
        before = await fetched(url, TOLD)
        await asyncio.to_thread(migration.upgrade, url)
        assert await fetched(url, TOLD) is None
        assert await fetched(url, "select delta_ends from responses") == [3, 6]
        await asyncio.to_thread(migration.downgrade, url, "0001")
        assert await fetched(url, TOLD) == before


TALKS_OF_0004 = (
    "insert into users (id, external_id) select gen_random_uuid(), 'ada'",
    "insert into conversations (user_id, id) select id, gen_random_uuid() from users",
    """
    insert into contexts (user_id, id, conversation_id, context_type, content, created_at, search)
    select user_id, gen_random_uuid(), id, kind, jsonb_build_object('text', day), make_date(2026, 1, day), ''
    from conversations
    cross join (values ('summary', 2), ('summary', 3), ('summary', 1), ('conversation', 4)) c(kind, day)
    """,
)
SUMMARIES = """
select array_agg((content ->> 'text', is_active, version)::text order by created_at)
from contexts where context_type = 'summary'
"""


async def test_of_several_summaries_the_newest_stays_and_turns_are_counted(
    postgres: Embedded,
) -> None:
    async with database(postgres, template="template0") as url:
        await asyncio.to_thread(migration.upgrade, url, "0004")
        await run_sql(url, *TALKS_OF_0004)
        await asyncio.to_thread(migration.upgrade, url)
        assert await fetched(url, SUMMARIES) == ["(1,f,2)", "(2,f,2)", "(3,t,1)"]
        assert await fetched(url, "select count(*) from context_versions where is_active") == 2
        assert await fetched(url, "select sum(turns) from conversation_growth") == 1


OWN_RESPONSES = "select has_table_privilege('contextql_viewer', 'own_responses', 'select')"
OWN_RATINGS = """
select has_table_privilege('contextql_viewer', 'own_responses', 'select') and exists (
    select from information_schema.columns where table_name = 'own_responses' and column_name = 'rating'
)
"""


async def test_ratings_are_seen_by_whoever_sees_the_response_and_go_with_their_migration(
    postgres: Embedded,
) -> None:
    async with database(postgres, template="template0") as url:
        for standing, has_ratings in (("head", True), ("0009", False), ("head", True)):
            step = migration.upgrade if standing == "head" else migration.downgrade
            await asyncio.to_thread(step, url, standing)
            assert await fetched(url, OWN_RATINGS) is has_ratings
            assert await fetched(url, OWN_RESPONSES) is True


async def fetched(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_database_of_a_newer_version_is_seen_to_be_ahead(database_url: str) -> None:
    await run_sql(database_url, "update alembic_version set version_num = '9999'")
    assert await migration.standing(database_url) is Standing.AHEAD


async def test_a_database_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await migration.standing("postgresql://postgres@127.0.0.1:1/nowhere")


EXTENSIONS = "select count(*) from pg_extension where extname = 'vector'"


async def test_a_server_without_pgvector_is_refused_with_the_remedy(postgres: Embedded) -> None:
    async with database(postgres, template="template0") as url:
        name = urlsplit(url).path.removeprefix("/")
        await run_sql(url, f"alter database {name} set extension_control_path = '/nowhere'")
        with pytest.raises(Unfit, match="install it"):
            await asyncio.to_thread(migration.upgrade, url)
        assert await migration.standing(url) is Standing.BEHIND
        await run_sql(url, TABLES)


async def test_a_role_that_may_not_add_pgvector_is_told_who_may(postgres: Embedded) -> None:
    async with database(postgres, template="template0") as url:
        name = urlsplit(url).path.removeprefix("/")
        await run_sql(url, "create role plain login", f"alter database {name} owner to plain")
        try:
            plain = url.replace("postgres:@", "plain:@")
            with pytest.raises(Unfit, match="create extension vector"):
                await asyncio.to_thread(migration.upgrade, plain)
            await run_sql(url, "create extension vector")
            with pytest.raises(Unfit, match="grant contextql_viewer to plain"):
                await asyncio.to_thread(migration.upgrade, plain)
            await run_sql(url, "grant contextql_viewer to plain")
            await asyncio.to_thread(migration.upgrade, plain)
            assert await migration.standing(url) is Standing.CURRENT
            await migration.require_walls(plain)
            await one_user_is_served(plain)
        finally:
            await run_sql(
                url, "reassign owned by plain to postgres", "drop owned by plain", "drop role plain"
            )


async def one_user_is_served(url: str) -> None:
    """All of it as a role that is no superuser: its own rows, under the policies."""
    async with opened(Access(url=url)) as db:
        ada = await a_user(db, "ada")
        own = db.within(Scope(ada.id, "test"))
        stored = await a_context(own, ada)
        assert await contexts.get_many(own, [(ada.id, stored.id)])


async def test_a_role_that_may_make_roles_makes_the_one_of_viewers(tmp_path: Path) -> None:
    # A server of its own: roles are not a database's.
    with embedded(tmp_path) as server:
        await run_sql(
            server.url,
            "create role maker login createrole",
            "create database made owner maker",
        )
        url = server.database_url("made")
        await run_sql(url, "create extension vector")
        mine = url.replace("postgres:@", "maker:@")
        await asyncio.to_thread(migration.upgrade, mine)
        await migration.require_walls(mine)
        await one_user_is_served(mine)


async def test_a_role_that_policies_bind_or_that_is_no_viewer_does_not_serve(
    database_url: str,
) -> None:
    await run_sql(database_url, "create role guest login")
    guest = database_url.replace("postgres:@", "guest:@")
    try:
        with pytest.raises(Unfit, match="grant contextql_viewer to guest"):
            await migration.require_walls(guest)
        await run_sql(database_url, "grant contextql_viewer to guest")
        with pytest.raises(Unfit, match="hides every row from guest"):
            await migration.require_walls(guest)
    finally:
        await run_sql(database_url, "drop owned by guest", "drop role guest")


async def test_a_pgvector_that_is_too_old_is_refused(postgres: Embedded) -> None:
    async with database(postgres, template="template0") as url:
        await run_sql(
            url,
            "create extension vector",
            "update pg_extension set extversion = '0.7.4' where extname = 'vector'",
        )
        with pytest.raises(Unfit, match=r"0\.7\.4 is too old"):
            await asyncio.to_thread(migration.upgrade, url)


async def test_looking_for_pgvector_changes_nothing(postgres: Embedded) -> None:
    async with database(postgres, template="template0") as url:
        await asyncio.to_thread(migration.upgrade, url, "0003")
        assert await fetched(url, EXTENSIONS) == 0
        await asyncio.to_thread(migration.upgrade, url)
        assert await fetched(url, EXTENSIONS) == 1


def test_what_is_read_of_the_migrations_is_what_alembic_knows() -> None:
    scripts = ScriptDirectory.from_config(applying.configuration())
    ours = revisions.of_this_code()
    assert ours.head == scripts.get_current_head()
    assert ours.known == {one.revision for one in scripts.walk_revisions()}


def test_every_newer_migration_says_which_code_survives_it() -> None:
    scripts = ScriptDirectory.from_config(applying.configuration())
    known: set[str] = set()
    for script in reversed(list(scripts.walk_revisions())):
        known.add(script.revision)
        # The older ones came before there was anything to say.
        if script.revision > "0009":
            assert script.module.served_from in known, (
                f"say in {script.path} which code goes on with it: docs/operations.md"
            )


async def test_a_database_says_which_code_serves_it_and_takes_it_back(postgres: Embedded) -> None:
    async with database(postgres, template="template0") as url:
        comment = "select obj_description('alembic_version'::regclass, 'pg_class')"
        await asyncio.to_thread(migration.upgrade, url, "0009")
        assert await fetched(url, comment) == "revision 0009 is served by code from revision 0009"
        await asyncio.to_thread(migration.upgrade, url, "0010")
        assert await fetched(url, comment) == "revision 0010 is served by code from revision 0009"
        await asyncio.to_thread(migration.downgrade, url, "0009")
        assert await fetched(url, comment) == "revision 0009 is served by code from revision 0009"
        await asyncio.to_thread(migration.downgrade, url, "base")
        assert await fetched(url, comment) is None
