"""What the doctor says of databases that are as they should be, and of others."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlsplit

import asyncpg
import pytest

from api.doctor.clock import clock
from api.doctor.examine import examined, guarded
from api.doctor.finding import Finding
from api.doctor.outside import room
from api.doctor.tables import is_overfull, is_read_whole
from api.settings import Settings
from db import migration
from db.diagnosis import Reading, looking
from db.embedded import Embedded
from db.index_names import INDEXES
from tests.databases import database, run_sql
from tests.door.conftest import Served, facts, served

__all__ = ["facts", "served"]


async def found_in(url: str, **settings: object) -> dict[str, Finding]:
    """The findings by name."""
    given = Settings(_env_file=None, database_url=url, **settings)  # type: ignore[arg-type]
    return {one.name: one for one in await examined(given, url)}


async def test_a_database_as_it_should_be_is_well(database_url: str) -> None:
    found = await found_in(database_url)
    assert {one.name for one in found.values() if one.state != "ok"} == set()
    assert {"walls", "indexes", "scans", "vacuum", "migrations", "pgvector"} <= set(found)


async def test_looking_cannot_write(database_url: str) -> None:
    async with looking(database_url) as connection:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await connection.execute("delete from users")


async def test_a_database_that_is_away_is_said_to_be_and_the_rest_is_looked_at() -> None:
    found = await found_in("postgresql://ada:s3cr3t@127.0.0.1:1/nowhere")
    assert found["database"].state == "fail"
    assert "cannot be reached" in found["database"].detail
    assert "migrations" not in found
    assert found["model extractive"].state == "ok"
    assert "s3cr3t" not in str(found)


@pytest.mark.parametrize(
    ("to", "state", "remedy"),
    [("", "warn", "contextql migrate"), ("0008", "fail", "contextql migrate")],
)
async def test_tables_that_are_behind_are_told_and_left_as_they_are(
    postgres: Embedded, to: str, state: str, remedy: str
) -> None:
    async with database(postgres, template="template0") as url:
        if to:
            await asyncio.to_thread(migration.upgrade, url, to)
        before = await migration.standing(url)
        found = await found_in(url)
        assert found["migrations"].state == state
        assert remedy in found["migrations"].remedy
        assert "walls" not in found
        assert await migration.standing(url) is before


async def test_tables_that_are_ahead_are_told(database_url: str) -> None:
    await run_sql(database_url, "update alembic_version set version_num = '9999'")
    assert (await found_in(database_url))["migrations"].state == "fail"


@pytest.mark.parametrize(
    ("statements", "name", "words"),
    [
        (["drop index contexts_terms"], "indexes", "missing: contexts_terms"),
        (
            [
                "update pg_index set indisvalid = false where indexrelid = 'contexts_terms'::regclass"
            ],
            "indexes",
            "not whole, and used by nothing: contexts_terms",
        ),
        (["alter table contexts disable row level security"], "walls", "missing on: contexts"),
        (["drop policy responses_of_the_viewer on responses"], "walls", "missing on: responses"),
        (["revoke all on users from contextql_viewer"], "walls", "missing on: users"),
        (
            ["create table moods (user_id uuid, mood text)"],
            "walls",
            "missing on: moods",
        ),
        (["drop extension vector cascade"], "pgvector", "not in this database"),
    ],
)
async def test_what_is_missing_fails_with_its_name(
    database_url: str, statements: list[str], name: str, words: str
) -> None:
    await run_sql(database_url, *statements)
    found = (await found_in(database_url))[name]
    assert found.state == "fail"
    assert words in found.detail
    assert found.remedy


async def test_a_language_that_is_not_known_fails(database_url: str) -> None:
    found = await found_in(database_url, language="klingon")
    assert found["language"].state == "fail"


async def test_other_machines_without_credentials_fail(database_url: str) -> None:
    await run_sql(database_url, "delete from api_keys")
    assert (await found_in(database_url))["credentials"].state == "ok"
    found = await found_in(database_url, host="0.0.0.0")  # noqa: S104  # on purpose
    assert found["credentials"].state == "fail"
    assert "contextql keys create" in found["credentials"].remedy


async def test_pools_that_do_not_fit_into_the_server_are_told_by_the_processes_there_are(
    database_url: str, served: Served
) -> None:
    assert (await found_in(database_url, pool_size=10_000))["connections"].state == "fail"
    async with served():
        found = await found_in(database_url, pool_size=60)
        assert found["connections"].state == "ok"
        assert "1 processes serve this database" in found["connections"].detail
        async with served():
            assert (await found_in(database_url, pool_size=60))["connections"].state == "warn"


async def test_a_long_transaction_is_told_with_who_holds_it(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.doctor.database.LONG_SECONDS", 0.0)
    holder = await asyncpg.connect(
        database_url, server_settings={"application_name": "somebody's notebook"}
    )
    async with holder.transaction():
        await holder.execute("select 1")
        found = (await found_in(database_url))["transactions"]
        assert found.state == "warn"
        assert (
            f"somebody's notebook (pid {holder.get_server_pid()}, idle in transaction"
            in found.detail
        )
    await holder.close()


async def test_a_role_that_cannot_serve_fails(database_url: str) -> None:
    name = urlsplit(database_url).path.removeprefix("/")
    await run_sql(
        database_url,
        "create role looker login",
        f"grant connect on database {name} to looker",
        "grant select on alembic_version, api_keys to looker",
    )
    try:
        found = await found_in(database_url.replace("postgres:@", "looker:@"))
        assert found["walls"].state == "fail"
        assert "grant contextql_viewer to looker" in found["walls"].remedy
    finally:
        await run_sql(database_url, "drop owned by looker", "drop role looker")


async def test_the_indexes_that_are_looked_for_are_those_of_the_migrations(
    database_url: str,
) -> None:
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(
        "select indexname as name from pg_indexes where schemaname = 'public' and tablename <> 'alembic_version'"
    )
    await connection.close()
    assert {row["name"] for row in rows} == INDEXES, "mend db/index_names.py"


def reading(**numbers: int) -> Reading:
    usual = {"scans": 0, "index_scans": 0, "live": 1_000_000, "dead": 0}
    return Reading("contexts", **{**usual, **numbers}, since=datetime.now(UTC))


def test_large_tables_that_are_read_whole_or_full_of_dead_rows_are_seen() -> None:
    assert not is_read_whole(reading(scans=5, index_scans=10_000))
    assert is_read_whole(reading(scans=500, index_scans=10_000))
    assert not is_read_whole(reading(scans=500, live=1_000))
    assert not is_overfull(reading(dead=200_000))
    assert is_overfull(reading(dead=600_000))
    assert not is_overfull(reading(dead=900, live=1_000))


def test_clocks_and_disks_have_their_thresholds() -> None:
    assert [clock("x", off, 2).state for off in (-1, 3, -61)] == ["ok", "warn", "fail"]
    gib = 2**30
    told = [room(free, 100 * gib).state for free in (50 * gib, 4 * gib, gib // 8)]
    assert told == ["ok", "warn", "fail"]


async def test_a_check_that_breaks_is_a_finding_without_what_broke_it() -> None:
    async def check() -> Finding:
        raise ValueError("sk-secret")

    (found,) = await guarded("this", check())
    assert found.state == "fail"
    assert "sk-secret" not in str(found)
