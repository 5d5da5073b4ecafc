"""Storing it: COPY into a table without indexes, then from there as the tables have it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson

from db.records import Context, Conversation, Response, User
from tests.bench.reading.people import (
    BEGAN,
    HOARDER,
    Person,
    Stored,
    found_by,
    hoarded,
)

WRITERS = 200
"""How many users there are for contexts to be created for; they have none."""

STAGE = """
create temporary table staged (
    user_id uuid, id uuid, conversation_id uuid, context_type text, content text, metadata text,
    created_at timestamptz, found_by text
)
"""

STORE = """
insert into contexts (
    user_id, id, conversation_id, context_type, content, metadata, created_at, updated_at, search
)
select user_id, id, conversation_id, context_type, content::jsonb, metadata::jsonb, created_at, created_at,
    to_tsvector('english', found_by)
from staged
"""

INDEXES = """
select indexname, indexdef from pg_indexes
where schemaname = current_schema() and tablename = 'contexts' and indexdef not like '%UNIQUE%'
"""

# Ours finds a user by the primary key; who does not know that needs an index.
FOR_PEERS = (
    "create unique index users_by_external_id on users (external_id)",
    (Path(__file__).parent.parent / "peers" / "postgraphile.sql").read_text(),
)

USER = ("id", "external_id", "name", "metadata", "created_at", "updated_at")
TALK = ("user_id", "id", "title", "metadata", "created_at", "updated_at", "is_active", "version")
ANSWER = (
    "user_id", "id", "conversation_id", "status", "message", "text", "model", "budget", "grounding", "input_tokens",
    "output_tokens", "groundedness", "created_at", "first_token_at", "completed_at", "rests_on",
)  # fmt: skip

CLEAN = """
delete from contexts using users
where users.id = contexts.user_id and starts_with(users.external_id, 'writer-')
"""


async def seed(url: str, stored: Stored) -> None:
    """Store so many users, those that are written to, and the one of many contexts."""
    connection = await asyncpg.connect(url, command_timeout=3600)
    try:
        # Neither triggers nor foreign keys are of use here: what is stored fits together.
        await connection.execute("set session_replication_role = replica")
        await connection.execute("set maintenance_work_mem = '512MB'; set synchronous_commit = off")
        async with _without_indexes(connection):
            await _store_people(connection, stored)
            await _store_contexts(connection, _all_contexts(stored))
        for statements in FOR_PEERS:
            await connection.execute(statements)
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def clean(url: str) -> None:
    """Take away what was created for those that are written to, and what the audit trail says of it."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("set session_replication_role = replica")
        await connection.execute(CLEAN)
        await connection.execute("truncate audit_trail")
        await connection.execute("vacuum contexts")
    finally:
        await connection.close()


def writer(number: int) -> str:
    """The external id of a user that is written to."""
    return f"writer-{number:03}"


@asynccontextmanager
async def _without_indexes(connection: asyncpg.Connection) -> AsyncIterator[None]:
    indexes = await connection.fetch(INDEXES)
    for name, _ in indexes:
        await connection.execute(f"drop index {name}")
    yield
    for _, definition in indexes:
        await connection.execute(definition)


async def _store_people(connection: asyncpg.Connection, stored: Stored) -> None:
    await _copy(connection, "users", USER, map(_user, _users(stored)))
    talks = (talk for one in _people(stored) for talk in one.conversations())
    await _copy(connection, "conversations", TALK, map(_talk, talks))
    answers = (answer for one in _people(stored) for answer in one.responses())
    await _copy(connection, "responses", ANSWER, map(_answer, answers))


def _people(stored: Stored) -> Iterator[Person]:
    return (Person(stored.namespace, number) for number in range(stored.users))


def _users(stored: Stored) -> Iterator[User]:
    """In the order in which they came; those that are not read in pages came first."""
    others = [HOARDER, *(writer(number) for number in range(WRITERS))]
    for place, external_id in enumerate(others):
        at = BEGAN - timedelta(days=60) + timedelta(seconds=place)
        yield User(uuid5(stored.namespace, external_id), external_id, None, {}, at, at)
    for one in _people(stored):
        yield one.user()


def _all_contexts(stored: Stored) -> Iterator[Context]:
    yield from itertools.chain.from_iterable(one.contexts() for one in _people(stored))
    owner = uuid5(stored.namespace, HOARDER)
    yield from (hoarded(owner, number) for number in range(stored.hoard))


async def _store_contexts(connection: asyncpg.Connection, contexts: Iterator[Context]) -> None:
    await connection.execute(STAGE)
    while some := list(itertools.islice(contexts, 50_000)):
        await connection.execute("truncate staged")
        await connection.copy_records_to_table("staged", records=map(_context, some))
        await connection.execute(STORE)


async def _copy(
    connection: asyncpg.Connection, table: str, columns: Sequence[str], rows: Iterable[Any]
) -> None:
    await connection.copy_records_to_table(table, records=rows, columns=columns)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _user(one: User) -> tuple[object, ...]:
    return one.id, one.external_id, one.name, _json(one.metadata), one.created_at, one.updated_at


def _talk(one: Conversation) -> tuple[object, ...]:
    times = one.created_at, one.updated_at
    return one.user_id, one.id, one.title, _json(one.metadata), *times, one.is_active, one.version


def _answer(one: Response) -> tuple[object, ...]:
    receipt = one.grounding or {}
    asked = one.user_id, one.id, one.conversation_id, one.status, one.message, one.text
    spent = one.model, one.budget, _json(receipt), one.input_tokens, one.output_tokens
    times = one.created_at, one.first_token_at, one.completed_at
    rests_on = [UUID(item["contextId"]) for item in receipt["items"] if item["included"]]
    return *asked, *spent, one.groundedness, *times, rests_on


def _context(one: Context) -> tuple[object, ...]:
    whose = one.user_id, one.id, one.conversation_id, one.context_type
    return *whose, _json(one.content), _json(one.metadata), one.created_at, found_by(one)
