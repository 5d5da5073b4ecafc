"""Who has done what: every write leaves an entry, with it or not at all, and none says what anything held."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from contextlib import suppress
from uuid import UUID, uuid4

import asyncpg
import pytest
from typer.testing import CliRunner

from api.__main__ import cli
from db import (
    api_keys,
    audit_trail,
    context_writes,
    contexts,
    conversations,
    erasure,
    ratings,
    response_endings,
    response_writes,
    summaries,
    users,
)
from db.api_keys import Grant
from db.context_writes import Revision
from db.errors import StoreError
from db.filters import ContextFilter
from db.pool import Access, Database
from db.ratings import Rating
from db.response_endings import CANCELLED, Ending
from db.response_writes import Answer, NewResponse
from db.scope import Scope
from tests.carry.life import a_life, serving
from tests.making import a_context, a_user, knowledge

ALL = 100_000


async def told(db: Database, user: UUID | None = None) -> list[tuple[str, str, str, int]]:
    """Actor, action, kind and count of each entry, the oldest first."""
    entries = await audit_trail.newest(db, user, None, ALL)
    return [(one.actor, one.action, one.kind, one.count) for one in reversed(entries)]


@pytest.fixture
async def ada(db: Database) -> Database:
    """The store as Ada's own credential reaches it, with Ada in it."""
    own = db.within(Scope(users.id_of(db, "ada"), "key:cql_ada"))
    await a_user(own)
    return own


def mine(db: Database) -> UUID:
    return users.id_of(db, "ada")


async def test_what_becomes_of_a_context_is_told_with_who_did_it(
    db: Database, ada: Database
) -> None:
    user = mine(db)
    one = await context_writes.create(ada, user, knowledge("Ada plays chess."))
    await context_writes.update(ada, user, one.id, 1, Revision(metadata={}))
    await context_writes.soft_delete(db.within(Scope(None, "key:cql_backend")), user, one.id)
    await context_writes.restore(db, user, one.id, 1, 3)
    assert await told(db, user) == [
        ("key:cql_ada", "created", "user", 1),
        ("key:cql_ada", "created", "context", 1),
        ("key:cql_ada", "changed", "context", 1),
        ("key:cql_backend", "deleted", "context", 1),
        ("system", "restored", "context", 1),
    ]
    (newest, *_) = await audit_trail.newest(db, user, None, 1)
    assert newest.user_id == user
    assert newest.external_id == "ada"
    assert newest.objects == [one.id]


async def test_many_written_at_once_are_one_entry_that_names_a_thousand(
    db: Database, ada: Database
) -> None:
    user = mine(db)
    made = await context_writes.create_many(ada, user, [knowledge("Chess.")] * 1000)
    await db.fetch("update contexts set metadata = '{}' where user_id = $1", user)
    await context_writes.create(ada, user, knowledge("Chess."))
    await db.fetch("delete from contexts where user_id = $1", user)
    erased, _, changed, created, _ = await audit_trail.newest(db, user, None, ALL)
    assert (created.count, changed.count, erased.count) == (1000, 1000, 1001)
    assert set(created.objects) == {one.id for one in made}
    assert len(erased.objects) == 1000


async def test_a_statement_that_touches_several_users_is_an_entry_for_each(db: Database) -> None:
    ada, bob = await a_user(db), await a_user(db, "bob")
    for user in (ada, bob, bob):
        await a_context(db, user)
    await db.fetch("update contexts set is_active = false")
    assert (await told(db, ada.id))[-1] == ("system", "deleted", "context", 1)
    assert (await told(db, bob.id))[-1] == ("system", "deleted", "context", 2)


async def test_a_conversation_goes_with_all_that_belongs_to_it(db: Database, ada: Database) -> None:
    user = mine(db)
    talk = await conversations.create(ada, user, "Chess", {})
    await context_writes.create_many(
        ada,
        user,
        [knowledge("e4", conversation_id=talk.id), knowledge("e5", conversation_id=talk.id)],
    )
    await conversations.update(ada, user, talk.id, 1, title=("Openings",))
    await conversations.soft_delete(ada, user, talk.id)
    assert Counter(await told(db, user)) == Counter(
        {
            ("key:cql_ada", "created", "user", 1): 1,
            ("key:cql_ada", "created", "conversation", 1): 1,
            ("key:cql_ada", "created", "context", 2): 1,
            ("key:cql_ada", "changed", "conversation", 1): 1,
            ("key:cql_ada", "deleted", "conversation", 1): 1,
            ("key:cql_ada", "deleted", "context", 2): 1,
        }
    )


async def test_of_a_response_are_told_its_beginning_its_turn_and_who_ended_it(
    db: Database, ada: Database
) -> None:
    user = mine(db)
    new = NewResponse(None, "?", "m", 500, 60)
    one, other = [await response_writes.create(ada, user, new, 10) for _ in range(2)]
    for seq in range(2, 12):
        await response_writes.begin(db, user, one.id, {}, [])
        await response_writes.append(db, user, one.id, seq, "Che")
    await response_writes.complete(db, user, one.id, Answer({"message": "Che"}, "Che"))
    await response_endings.end(ada, user, other.id, CANCELLED)
    await response_endings.end(ada, user, other.id, CANCELLED)
    begun = [("conversation", "created"), ("response", "created")]
    assert sorted((kind, action) for _, action, kind, _ in (await told(db, user))[1:5]) == sorted(
        begun * 2
    )
    assert (await told(db, user))[5:] == [
        ("system", "created", "context", 1),
        ("key:cql_ada", "cancelled", "response", 1),
    ]


async def test_that_a_response_was_rated_is_told_and_never_how(db: Database, ada: Database) -> None:
    user = mine(db)
    one = await response_writes.create(ada, user, NewResponse(None, "?", "m", 500, 60), 10)
    before = await told(db, user)
    assert await ratings.rate(ada, user, one.id, Rating(5)) is None
    assert await told(db, user) == before
    await response_endings.end(db, user, one.id, Ending("FAILED", "TIMEOUT", "."))
    for score in (5, 1):
        await ratings.rate(ada, user, one.id, Rating(score, "Dreadful."))
    entries = await told(db, user)
    assert entries[len(before) :] == [("key:cql_ada", "rated", "response", 1)] * 2
    (newest, *_) = await audit_trail.newest(db, user, None, 1)
    assert newest.objects == [one.id]


async def test_a_summary_is_a_context_of_the_system(db: Database, ada: Database) -> None:
    talk = await conversations.create(ada, mine(db), None, {})
    for version in range(2):
        await summaries.refresh(db, (mine(db), talk.id), version, {"text": "."}, ".")
    assert (await told(db))[-2:] == [
        ("system", "created", "context", 1),
        ("system", "changed", "context", 1),
    ]


async def test_a_user_is_told_of_when_something_changed_and_when_it_was_erased(
    db: Database, ada: Database
) -> None:
    await users.upsert(ada, "ada")
    await users.upsert(ada, "ada", name=("Ada",))
    await erasure.erase(db.within(Scope(None, "key:cql_backend")), mine(db))
    assert await told(db, mine(db)) == [
        ("key:cql_ada", "created", "user", 1),
        ("key:cql_ada", "changed", "user", 1),
        ("key:cql_backend", "erased", "user", 1),
    ]


async def test_keys_are_told_of_by_what_happens_to_them_and_never_by_what_they_are(
    db: Database, database_url: str
) -> None:
    user = await a_user(db)
    key = api_keys.new_key()
    await api_keys.register(db, key, Grant("phone", "USER", user.id))
    await api_keys.revoke(db, api_keys.prefix_of(key))
    await api_keys.revoke(db, api_keys.prefix_of(key))
    assert await told(db, user.id) == [
        ("system", "created", "user", 1),
        ("system", "created", "api_key", 1),
        ("system", "revoked", "api_key", 1),
    ]
    connection = await asyncpg.connect(database_url)
    trail = str(await connection.fetch("select a::text from audit_trail a"))
    await connection.close()
    assert key not in trail
    assert api_keys.hashed(key).hex() not in trail


async def test_nothing_is_told_of_a_write_that_did_not_happen(db: Database, ada: Database) -> None:
    before = await told(db)
    with pytest.raises(StoreError):
        await context_writes.update(ada, mine(db), uuid4(), 1, Revision(metadata={}))
    with suppress(ZeroDivisionError):
        async with ada.transaction() as session:
            await context_writes.create(session, mine(db), knowledge("Ada plays chess."))
            raise ZeroDivisionError
    assert await told(db) == before
    assert await contexts.counts_by_user(db, [mine(db)], ContextFilter()) == {mine(db): 0}


async def test_whoever_works_for_one_user_can_tell_of_no_other(db: Database, ada: Database) -> None:
    bob = await a_user(db, "bob")
    async with ada.session() as session:
        await session.connection.fetch("select audit('erased', 'user', $1, '{}', 1)", bob.id)
    (newest, *_) = await audit_trail.newest(db, None, None, 1)
    assert newest.user_id == mine(db)


EDITS = ("update audit_trail set actor = 'x'", "delete from audit_trail", "truncate audit_trail")


@pytest.mark.parametrize("edit", EDITS)
async def test_what_is_told_is_not_edited(db: Database, ada: Database, edit: str) -> None:
    with pytest.raises(asyncpg.RaiseError, match="never edited"):
        await db.fetch(edit)


async def test_the_trail_of_a_whole_life_holds_nothing_of_it(
    reached: Access, database_url: str
) -> None:
    async with serving(reached) as asker:
        await a_life(asker)
    connection = await asyncpg.connect(database_url)
    trail = str(await connection.fetch("select a::text from audit_trail a"))
    await connection.close()
    assert "created" in trail
    for word in ("Hotel", "Copenhagen", "ferry", "trip", "gold", "ada", "Ada", "Which"):
        # A part of an identifier may look like a name.
        assert not re.search(rf"(?<![0-9a-f]){word}(?![0-9a-f])", trail), word


async def test_the_trail_is_shown_line_by_line(db: Database, ada: Database) -> None:
    await a_user(db, "bob")
    await context_writes.create(ada, mine(db), knowledge("Ada plays chess."))
    shown = await audited(db, "--user", "ada", "--limit", "1")
    assert [(one["actor"], one["action"], one["external_id"]) for one in shown] == [
        ("key:cql_ada", "created", "ada")
    ]
    assert len(await audited(db)) == len(await told(db))
    assert len(await audited(db, "--since", "2026-01-01", "--limit", "2")) == 2
    assert await audited(db, "--since", "2999-01-01T00:00:00") == []


async def audited(db: Database, *arguments: str) -> list[dict[str, object]]:
    env = {"CONTEXTQL_DATABASE_URL": db.access.url}
    result = await asyncio.to_thread(
        lambda: CliRunner().invoke(cli, ["audit", *arguments], env=env)
    )
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]
