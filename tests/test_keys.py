"""`contextql keys`: made, shown once, listed without their secrets, revoked."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner, Result

from api.__main__ import cli
from api.keys import moment
from db import api_keys, users
from db.pool import Database
from tests.credential import bearing
from tests.door.conftest import Served, facts, served

COLUMNS = ("prefix", "name", "role", "user", "created", "expires", "last used", "state")
KEY = re.compile(r"cql_[0-9a-f]{10}_[0-9a-f]{48}")

__all__ = ["facts", "served"]


async def keys(db: Database, *arguments: str) -> Result:
    """`contextql keys` on the database of the test."""
    env = {"CONTEXTQL_DATABASE_URL": db.access.url, "COLUMNS": "200"}
    return await asyncio.to_thread(lambda: CliRunner().invoke(cli, ["keys", *arguments], env=env))


async def made(db: Database, *arguments: str) -> str:
    """The key that was made, which is all that standard output holds."""
    result = await keys(db, "create", "--name", "mine", *arguments)
    assert result.exit_code == 0, result.stderr
    assert KEY.fullmatch(result.stdout.strip())
    return result.stdout.strip()


async def listed(db: Database, key: str) -> list[str]:
    """The cells of the line of the table that tells of this key, each under its heading."""
    table = (await keys(db, "list")).stdout
    assert key not in table
    assert key.rsplit("_", 1)[1] not in table
    heading, *lines = table.splitlines()
    (line,) = [line for line in lines if api_keys.prefix_of(key) in line]
    starts = [heading.index(f" {name}") + 1 for name in COLUMNS[1:]]
    return [line[a:b].strip() for a, b in zip([0, *starts], [*starts, None], strict=True)]


async def test_a_key_is_shown_once_and_only_its_hash_is_kept(db: Database) -> None:
    result = await keys(db, "create", "--name", "backend", "--role", "service")
    key = result.stdout.strip()
    assert "not shown again" in result.stderr
    assert key not in result.stderr
    dumped = await db.fetch("select to_jsonb(k)::text as it from api_keys k")
    assert not [row for row in dumped if key.rsplit("_", 1)[1] in row["it"]]
    assert await api_keys.by_hash(db, api_keys.hashed(key)) is not None


async def test_a_service_key_lives_from_its_making_to_its_revocation(
    db: Database, served: Served
) -> None:
    key = await made(db, "--role", "service", "--expires", "90d")
    prefix, name, role, user, _, expires, used, state = await listed(db, key)
    assert (name, role, user, used, state) == ("mine", "service", "", "never", "active")
    in_ninety_days = datetime.now(UTC) + timedelta(days=90)
    assert expires in {
        f"{in_ninety_days - timedelta(minutes=back):%Y-%m-%d %H:%M}" for back in (0, 1)
    }
    asked = {"query": "{ users { totalCount } }"}
    async with served() as client:
        answer = await client.post("/graphql", json=asked, headers=bearing(key))
        assert answer.json()["data"] == {"users": {"totalCount": 0}}
    assert (await listed(db, key))[6] != "never"
    assert (await keys(db, "revoke", prefix)).stdout == f"{prefix} is revoked.\n"
    assert (await listed(db, key))[7] == "revoked"
    async with served() as client:
        answer = await client.post("/graphql", json=asked, headers=bearing(key))
        assert answer.status_code == 401
    assert (await keys(db, "revoke", prefix)).stdout == f"{prefix} was revoked already.\n"


async def test_a_key_that_has_leaked_is_revoked_by_its_prefix_or_as_it_is(db: Database) -> None:
    key = await made(db, "--role", "service")
    result = await keys(db, "revoke", key)
    assert result.exit_code == 0
    assert key not in result.stdout
    assert (await listed(db, key))[7] == "revoked"


async def test_a_users_key_makes_the_user_and_leaves_one_that_is_there_as_it_is(
    db: Database,
) -> None:
    await users.upsert(db, "ada", name=("Ada",))
    for external_id, name in (("ada", "Ada"), ("[b]bob[/b]", None)):
        key = await made(db, "--role", "USER", "--user", external_id)
        assert (await listed(db, key))[2:4] == ["user", external_id]
        id = users.id_of(db, external_id)
        assert (await users.get_many(db, [id]))[id].name == name


async def test_an_expired_key_is_listed_as_one(db: Database) -> None:
    key = await made(db, "--role", "service", "--expires", "1m")
    await db.fetch("update api_keys set expires_at = now() - interval '1 second'")
    assert (await listed(db, key))[7] == "expired"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["create", "--name", "a", "--role", "user"], "--user"),
        (["create", "--name", "a", "--role", "service", "--user", "ada"], "--user"),
        (["create", "--name", "", "--role", "service"], "--name"),
        (["create", "--name", "a", "--role", "user", "--user", ""], "1 to 255"),
        (["create", "--name", "a", "--role", "user", "--user", "x" * 256], "1 to 255"),
        (["create", "--name", "a", "--role", "service", "--expires", "soon"], "90d"),
        (["create", "--name", "a", "--role", "service", "--expires", "0d"], "past"),
        (["create", "--name", "a", "--role", "service", "--expires", "9999999d"], "--expires"),
        (["create", "--name", "a", "--role", "service", "--expires", "2020-01-31"], "past"),
        (["revoke", "cql_none"], "keys list"),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_line(
    db: Database, arguments: list[str], words: str
) -> None:
    result = await keys(db, *arguments)
    assert result.exit_code == 1
    assert len(result.stderr.strip().splitlines()) == 1
    assert words in result.stderr
    assert result.stdout == ""
    assert len(await api_keys.listed(db)) == 1


def test_a_moment_is_so_long_from_now_or_a_date_of_utc() -> None:
    now = datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert moment("90d", now) == now + timedelta(days=90)
    assert moment("12h", now) == now + timedelta(hours=12)
    assert moment("2027-01-31", now) == datetime(2027, 1, 31, tzinfo=UTC)
    assert moment("2027-01-31T10:00:00+02:00", now) == datetime(2027, 1, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize("command", ["create", "list", "revoke"])
def test_every_command_has_help_with_an_example(command: str) -> None:
    result = CliRunner().invoke(cli, ["keys", command, "--help"])
    assert "Example: contextql keys" in result.stdout
