"""What PostgreSQL says of itself, for whoever looks for trouble: read on a connection that cannot write."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from db.connection import VIEWER_ROLE
from db.errors import reaching
from db.notifications import LISTENING

OLDEST_POSTGRESQL = 150_000

CONNECT_SECONDS = 5.0


@asynccontextmanager
async def looking(url: str) -> AsyncIterator[Any]:
    """A connection of its own, on any database, ours or not. Raises `Unavailable`."""
    with reaching():
        connection = await asyncpg.connect(
            url,
            timeout=CONNECT_SECONDS,
            server_settings={
                "application_name": "contextql doctor",
                "default_transaction_read_only": "on",
                "statement_timeout": "5000",
                "lock_timeout": "2000",
            },
        )
    try:
        yield connection
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class ServerFacts:
    version: str
    number: int
    """As 150004."""
    connections: int
    """Those that whoever is no superuser may have, all together."""
    taken: int
    processes: int
    """Of ours that serve this database."""
    at: datetime


SERVER = f"""
select current_setting('server_version') as version,
    current_setting('server_version_num')::integer as number,
    current_setting('max_connections')::integer
        - current_setting('superuser_reserved_connections')::integer as connections,
    (select count(*) from pg_stat_activity where backend_type = 'client backend') as taken,
    (
        select count(*) from pg_stat_activity
        where application_name = '{LISTENING}' and datname = current_database()
    ) as processes,
    clock_timestamp() as at
"""


async def server(connection: Any) -> ServerFacts:
    return ServerFacts(*await connection.fetchrow(SERVER))


VECTOR = """
select (select extversion from pg_extension where extname = 'vector') as installed,
    (select default_version from pg_available_extensions where name = 'vector') as available
"""


async def vector(connection: Any) -> tuple[str | None, str | None]:
    """The version of pgvector in this database, and the one that the server could give it."""
    return tuple(await connection.fetchrow(VECTOR))


LANGUAGE = "select exists (select from pg_ts_config where cfgname = $1)"


async def knows_language(connection: Any, language: str) -> bool:
    """Whether there is a text search configuration of that name."""
    return bool(await connection.fetchval(LANGUAGE, language))


@dataclass(frozen=True, slots=True)
class Wall:
    """What stands between a table and one user's work."""

    table: str
    has_security: bool
    has_policy: bool
    may_read: bool


WALLS = f"""
select c.relname as table, c.relrowsecurity as has_security,
    exists (select from pg_policy p where p.polrelid = c.oid and r.oid = any(p.polroles)) as has_policy,
    coalesce(has_any_column_privilege(r.oid, c.oid, 'select'), false) as may_read
from pg_class c
left join pg_roles r on r.rolname = '{VIEWER_ROLE}'
where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and (
    c.relname = 'users'
    or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'user_id' and not a.attisdropped)
)
order by c.relname
"""

SEEN = (
    "users",
    "conversations",
    "contexts",
    "context_versions",
    "conversation_growth",
    "context_embeddings",
    "responses",
    "response_events",
    "idempotency_keys",
)
"""The tables that work for one user reads, through a policy."""


async def walls(connection: Any) -> Sequence[Wall]:
    """Every table that holds rows of users."""
    return [Wall(*row) for row in await connection.fetch(WALLS)]


@dataclass(frozen=True, slots=True)
class Index:
    name: str
    table: str
    is_valid: bool
    is_unique: bool
    """So that it has a use, even if nothing is looked for by it."""
    scans: int


INDEXES = """
select c.relname as name, t.relname as table, i.indisvalid as is_valid, i.indisunique as is_unique,
    coalesce(s.idx_scan, 0) as scans
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_class t on t.oid = i.indrelid
left join pg_stat_user_indexes s on s.indexrelid = i.indexrelid
where t.relkind = 'r' and t.relnamespace = current_schema()::regnamespace
order by c.relname
"""


async def indexes(connection: Any) -> Sequence[Index]:
    return [Index(*row) for row in await connection.fetch(INDEXES)]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table has been read and left since PostgreSQL counts: times for scans, rows for the others."""

    table: str
    scans: int
    index_scans: int
    live: int
    dead: int
    since: datetime | None


READINGS = """
select s.relname as table, coalesce(s.seq_scan, 0) as scans, coalesce(s.idx_scan, 0) as index_scans,
    s.n_live_tup as live, s.n_dead_tup as dead, d.stats_reset as since
from pg_stat_user_tables s join pg_stat_database d on d.datname = current_database()
where s.schemaname = current_schema()
order by s.relname
"""


async def readings(connection: Any) -> Sequence[Reading]:
    return [Reading(*row) for row in await connection.fetch(READINGS)]


@dataclass(frozen=True, slots=True)
class LongTransaction:
    pid: int
    application: str
    state: str
    seconds: float


TRANSACTIONS = """
select pid, coalesce(application_name, '') as application, coalesce(state, '') as state,
    extract(epoch from clock_timestamp() - xact_start)::double precision as seconds
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
    and xact_start < clock_timestamp() - make_interval(secs => $1)
order by xact_start
limit 5
"""


async def transactions(connection: Any, seconds: float) -> Sequence[LongTransaction]:
    """The oldest that have lasted longer than that."""
    return [LongTransaction(*row) for row in await connection.fetch(TRANSACTIONS, seconds)]


USABLE_KEYS = """
select exists (
    select from api_keys where revoked_at is null and (expires_at is null or expires_at > now())
)
"""


async def has_keys(connection: Any) -> bool:
    """Whether some API key is let in."""
    return bool(await connection.fetchval(USABLE_KEYS))
