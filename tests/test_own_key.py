"""The key of the first start: made, kept, let in again, and never beside credentials of one's own."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from api.own_key import Unreadable, is_alone, own_key
from db import api_keys
from db.embedded import Embedded
from db.pool import Access, Database, opened
from tests.credential import KEY, key_for
from tests.databases import database


@pytest.fixture
async def db(db: Database) -> Database:
    """A database that lets nobody in."""
    await db.fetch("delete from api_keys")
    return db


def names_in(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


async def test_a_key_is_made_kept_for_its_owner_alone_and_let_in(
    db: Database, tmp_path: Path
) -> None:
    assert await is_alone(db, tmp_path)
    own = await own_key(db, tmp_path)
    assert own is not None
    assert own.is_new
    assert own.path == tmp_path / "service-key"
    assert own.path.read_text() == f"{own.key}\n"
    assert stat.S_IMODE(own.path.stat().st_mode) == 0o600
    assert names_in(tmp_path) == ["service-key"]
    (key,) = await api_keys.listed(db)
    assert (key.name, key.role, key.expires_at) == ("service-key", "SERVICE", None)


async def test_the_next_start_has_the_same_key_and_a_new_database_lets_it_in_too(
    db: Database, tmp_path: Path, postgres: Embedded
) -> None:
    first = await own_key(db, tmp_path)
    again = await own_key(db, tmp_path)
    assert first is not None
    assert again is not None
    assert (again.key, again.is_new) == (first.key, False)
    assert len(await api_keys.listed(db)) == 1
    async with database(postgres) as url, opened(Access(url=url)) as other:
        assert await own_key(other, tmp_path) == again
        assert await api_keys.by_hash(other, api_keys.hashed(first.key)) is not None


async def test_a_key_that_was_revoked_is_not_let_in_again(db: Database, tmp_path: Path) -> None:
    own = await own_key(db, tmp_path)
    assert own is not None
    await api_keys.revoke(db, api_keys.prefix_of(own.key))
    assert await own_key(db, tmp_path) is None
    found = await api_keys.by_hash(db, api_keys.hashed(own.key))
    assert found is not None
    assert found.revoked_at is not None


async def test_it_is_not_alone_beside_another_key_that_is_let_in(
    db: Database, tmp_path: Path
) -> None:
    await own_key(db, tmp_path)
    assert await is_alone(db, tmp_path)
    key = await key_for(db, "ada")
    assert not await is_alone(db, tmp_path)
    await api_keys.revoke(db, api_keys.prefix_of(key))
    assert await is_alone(db, tmp_path)
    expired = await key_for(db)
    await db.fetch("update api_keys set expires_at = now() where prefix = $1", expired[:14])
    assert await is_alone(db, tmp_path)


@pytest.mark.whole_pool
async def test_processes_that_start_at_once_agree_on_one_key(db: Database, tmp_path: Path) -> None:
    made = await asyncio.gather(*(own_key(db, tmp_path) for _ in range(5)))
    assert len({one.key for one in made if one}) == 1
    assert len(await api_keys.listed(db)) == 1


@pytest.mark.parametrize("content", [b"", b"hunter2", b"cql_a cql_b", b"\xff\xfe"])
async def test_a_file_that_holds_no_key_is_named(
    db: Database, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "service-key").write_bytes(content)
    with pytest.raises(Unreadable, match=str(tmp_path / "service-key")):
        await is_alone(db, tmp_path)
    assert (tmp_path / "service-key").read_bytes() == content


def test_the_key_of_the_tests_is_like_any_other() -> None:
    assert len(KEY) == len(api_keys.new_key())
