"""The second wall alone: what was asked for one user, sent under the role for another, with the first wall off."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from api.viewer import Role, Viewer
from db import (
    api_keys,
    audit_trail,
    context_changes,
    context_writes,
    contexts,
    conversation_growth,
    conversations,
    erasure,
    expiry,
    export,
    idempotency,
    intake,
    profiles,
    response_endings,
    response_events,
    response_writes,
    semantic,
    storage,
    summaries,
    type_counts,
    users,
)
from db.connection import VIEWER_ROLE
from db.context_writes import Revision
from db.conversation_growth import Claim
from db.errors import StoreError
from db.filters import ContextFilter
from db.idempotency import Use
from db.paging import Page
from db.pool import Access, Database, Row, opened
from db.records import Context
from db.response_writes import Answer, NewResponse
from db.scope import Scope
from tests.carry.life import EVERYTHING, TALKS, a_life, serving
from tests.db.test_statements import OF_NO_USER, written
from tests.making import a_context, a_user, knowledge

GRANTED = {
    "contexts": {"SELECT", "INSERT", "UPDATE"},
    "context_embeddings": {"SELECT"},
    "context_versions": {"SELECT", "INSERT"},
    "conversation_growth": {"SELECT", "INSERT", "UPDATE"},
    "conversations": {"SELECT", "INSERT", "UPDATE"},
    "idempotency_keys": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "own_contexts": {"SELECT"},
    "own_responses": {"SELECT"},
    "response_events": {"SELECT", "DELETE"},
    "responses": {"SELECT", "INSERT", "UPDATE"},
    "users": {"SELECT", "INSERT"},
}
"""What may be done for one user; a table that is not here is none of theirs."""

GRANTS = """
select table_name, array_agg(privilege_type::text) from information_schema.role_table_grants
where grantee = $1 group by table_name
"""

COLUMNS_GRANTED = """
select table_name || '.' || column_name || ' ' || privilege_type
from information_schema.role_column_grants c
where grantee = $1 and not exists (
    select from information_schema.role_table_grants t
    where t.grantee = c.grantee and t.table_name = c.table_name and t.privilege_type = c.privilege_type
)
"""

OPEN = """
select c.relname from pg_class c
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and not c.relrowsecurity and exists (
    select from pg_attribute a where a.attrelid = c.oid and (a.attname = 'user_id' or c.relname = 'users')
)
"""

DEFINERS = """
select proname from pg_proc
where pronamespace = 'public'::regnamespace and prosecdef
    and proconfig is distinct from array['search_path=public, pg_temp']
"""


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_every_table_with_rows_of_a_user_is_walled(connection: asyncpg.Connection) -> None:
    assert [row[0] for row in await connection.fetch(OPEN)] == [], (
        "these need: alter table … enable row level security, and a policy if users may read them; see 0009_walls.py"
    )


async def test_one_users_role_may_do_what_is_listed_and_nothing_else(
    connection: asyncpg.Connection,
) -> None:
    granted = {name: set(some) for name, some in await connection.fetch(GRANTS, VIEWER_ROLE)}
    assert granted == GRANTED
    columns = {row[0] for row in await connection.fetch(COLUMNS_GRANTED, VIEWER_ROLE)}
    assert columns == {
        *(f"users.{name} UPDATE" for name in ("name", "metadata", "updated_at")),
        *(f"embedding_models.{name} SELECT" for name in ("model", "dimensions", "is_forgotten")),
    }


async def test_a_function_that_does_more_than_its_caller_may_looks_nowhere_else(
    connection: asyncpg.Connection,
) -> None:
    assert await connection.fetch(DEFINERS) == []


@dataclass(frozen=True, slots=True)
class Watched(Scope):
    """Everybody's rows; notes every statement that was sent, with its arguments."""

    sent: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    newest: list[tuple[object, ...]] = field(default_factory=list)

    def narrowed(self, args: tuple[object, ...]) -> tuple[object, ...]:
        self.newest.append(args)
        return args

    def note(self, sql: str) -> None:
        """Those of the upkeep are sent without being narrowed here."""
        if self.newest:
            self.sent.append((sql, self.newest.pop()))


@dataclass(frozen=True, slots=True)
class Watching(Viewer):
    """A service whose statements are noted."""

    watched: Watched = field(default_factory=Watched)

    def __post_init__(self) -> None:
        Viewer.__post_init__(self)
        object.__setattr__(self, "scope", self.watched)


Sent = list[tuple[str, tuple[object, ...]]]


EMBEDDED = """
with model as (
    insert into embedding_models (model, dimensions, wanted_until) values ('m', 1, 'infinity') returning model
)
insert into context_embeddings (user_id, context_id, model, embedding)
select $1, c.id, 'm', '[1]' from contexts c cross join model where c.user_id = $1 and c.context_type <> 'profile'
"""

# What services and the system do to whole users, in no user's name.
SYSTEMS = {
    value
    for module in (api_keys, erasure, expiry, intake)
    for value in vars(module).values()
    if isinstance(value, str)
}


async def all_that_is_asked(reached: Access) -> Sent:
    """What the graph sends for a user with everything, and what the system does for one user at a time."""
    watched = Watched()
    noting = replace(reached, on_statement=watched.note)
    async with serving(noting) as served:
        asker = replace(served, viewer=Watching(Role.SERVICE, "test", watched=watched))
        user = await a_life(asker)
        moment = datetime.now(UTC).isoformat()
        await asker.data(EVERYTHING, words="Where does Ada stay?", asOf=moment)
        await asker.data(TALKS)
        await asker.data(THEN, id=user, asOf=moment)
        db = asker.server.db.within(watched)
        await the_rest(db, users.id_of(db, "ada"))
    return watched.sent


THEN = """
query($id: ID!, $asOf: DateTime!) {
  user(by: { id: $id }) {
    grounding(message: "Where does Ada stay?", asOf: $asOf) { tokens }
    contexts(first: 1, asOf: $asOf, filter: { metadata: { edited: true } }) { totalCount }
    found: contexts(filter: { content: { text: "Ada drinks tea with lemon." } }) { totalCount edges { node { id } } }
    conversations(last: 1) { totalCount edges { node {
      turns(last: 1) { totalCount edges { cursor } } responses(last: 1) { totalCount edges { cursor } }
    } } }
  }
}
"""


async def the_rest(db: Database, ada: UUID) -> None:
    """What no single operation asks for."""
    (talk, *_) = (await conversations.pages_by_user(db, [ada], Page(1)))[ada]
    (known, *_) = (await contexts.pages_by_user(db, [ada], Page(1), ContextFilter()))[ada]
    await conversations.update(db, ada, talk.id, talk.version, title=("Another title",))
    running = await response_writes.create(db, ada, NewResponse(talk.id, "?", "m", 500, 60), 100)
    owned = ada, running.id
    await response_writes.begin(db, *owned, {}, [])
    await response_writes.append(db, *owned, 2, "Che")
    await response_endings.renew(db, [owned], 60)
    await response_events.after(db, *owned, 0)
    await db.fetch(EMBEDDED, ada)
    assert await semantic.nearest(db, ada, "m", [1.0], 5, ContextFilter())
    await db.fetch(semantic.WIDELY, ada, 5)
    await storage.by_users(db, [ada])
    await type_counts.by_users(db, [ada])
    await context_changes.look(db, [ada], 3600)
    async with db.session() as session:
        await audit_trail.append(session, "exported", "user", ada, 1)
    for statement in (
        export.COUNTS,
        *export.LINES.values(),
        export.contexts_statement(embedded=True),
    ):
        await db.fetch(statement, ada)
    await db.fetch(erasure.COUNT_ALL, ada)
    await audit_trail.newest(db, ada, None, 5)
    await summaries.refresh(db, (ada, talk.id), 99, {}, "")
    claim = Claim(ada, talk.id, 1, 0, datetime.now(UTC))
    await conversation_growth.settle(db, claim, 1)
    await conversation_growth.postpone(db, claim, 1)
    await context_writes.create(db, ada, knowledge("Ada drinks tea."))
    with suppress(StoreError):
        await context_writes.update(db, ada, known.id, 99, Revision(metadata={}))
    with suppress(StoreError):
        await profiles.set_profile(db, ada, {}, "", expected_version=99)
    with suppress(StoreError):
        await conversations.update(db, ada, talk.id, 99, title=(None,))
    finished = await response_writes.create(db, ada, NewResponse(talk.id, "?", "m", 500, 60), 100)
    await response_writes.begin(db, ada, finished.id, {}, [])
    await response_writes.complete(db, ada, finished.id, Answer({"message": "."}, "."))
    await response_events.after(db, ada, finished.id, 0)
    await idempotency.once(db, Use(ada, "key", "op", b"", 60), _nothing)
    await idempotency.once(db, Use(ada, "key", "op", b"", 60), _nothing)


async def _nothing(_: object) -> list[Context]:
    return []


@dataclass(frozen=True, slots=True)
class OneWall(Scope):
    """Without the first wall: the statement goes as it was written, under the role of the user."""

    def narrowed(self, args: tuple[object, ...]) -> tuple[object, ...]:
        return args


DIGESTS = """
select table_name from information_schema.columns
where table_schema = 'public' and column_name = 'user_id' and table_name not like 'own_%'
order by table_name
"""


async def digest(db: Database, user: UUID) -> dict[str, str]:
    """What tells whether anything about a user has changed, by table."""
    made = {}
    for (table,) in await db.fetch(DIGESTS):
        (row,) = await db.fetch(
            f"select md5(string_agg(t::text, '' order by t::text)) from {table} t where user_id = $1",
            user,
        )
        made[table] = row[0]
    return made


def told(rows: Sequence[Row]) -> list[Row]:
    """Those that say something: a count of none says nothing."""
    return [row for row in rows if any(row)]


def is_read(sql: str) -> bool:
    return not re.search(
        r"\b(insert into|delete from|(?<!for )(?<!key )update)\b|_notify|audit\(", sql
    )


async def test_what_is_asked_about_one_user_gives_another_nothing(reached: Access) -> None:
    sent = await all_that_is_asked(reached)
    unasked = written() - OF_NO_USER - SYSTEMS - {sql for sql, _ in sent}
    assert not unasked, (
        "add a call of these to `the_rest`, so that the second wall is proved for them: "
        + "\n".join(unasked)[:2000]
    )
    async with opened(reached) as db:
        ada, bob = users.id_of(db, "ada"), await a_user(db, "bob")
        await a_context(db, bob)
        behind_one = db.within(OneWall(bob.id, "test"))
        before = await digest(db, ada)
        vacuous = set()
        for sql, args in sent:
            rows: Sequence[Row] = ()
            with suppress(StoreError, asyncpg.InsufficientPrivilegeError):
                rows = await behind_one.fetch(sql, *args)
            assert told(rows) == [] or sql == semantic.STANDING, sql  # which tells of a model
            if is_read(sql):
                vacuous.add(sql)
        assert await digest(db, ada) == before
        for sql, args in sent:
            if sql in vacuous and told(await db.fetch(sql, *args)):
                vacuous.discard(sql)
        assert not vacuous, "these give nobody anything"
