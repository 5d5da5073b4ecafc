"""All the checks, in the order in which they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from api.doctor import database, outside, tables
from api.doctor.database import Looked
from api.doctor.finding import Finding, fail, ok
from api.doctor.knobs import knobs
from api.settings import Settings
from db import diagnosis, revisions
from db.errors import Unavailable

CHECK_SECONDS = 15.0
"""How long one check may take."""

Findings = Finding | Sequence[Finding]

OF_THE_DATABASE: dict[str, Callable[[Looked], Awaitable[Findings]]] = {
    "postgresql": database.version,
    "connections": database.connections,
    "clock of the database": database.clocks,
    "pgvector": database.pgvector,
    "migrations": database.migrations,
    "language": database.language,
    "credentials": database.credentials,
    "transactions": database.transactions,
}

OF_THE_TABLES: dict[str, Callable[[Looked], Awaitable[Findings]]] = {
    "walls": database.walls,
    "indexes": tables.indexes,
    "scans": tables.scans,
    "vacuum": tables.vacuum,
}
"""Those that need the tables as this version has them."""

OUTSIDE: dict[str, Callable[[Settings], Awaitable[Findings]]] = {
    "disk": outside.disk,
    "redis": outside.redis,
    "issuer of tokens": outside.issuer,
    "models": outside.models,
    "embedding model": outside.embedders,
}


async def examined(settings: Settings, url: str | None) -> list[Finding]:
    """Everything that was found; without a URL the database is one that did not start."""
    found = list(knobs(settings))
    found += await _database(settings, url) if url else [not_started()]
    for name, check in OUTSIDE.items():
        found += await guarded(name, check(settings))
    return found


async def _database(settings: Settings, url: str) -> list[Finding]:
    try:
        async with diagnosis.looking(url) as connection:
            stored = await revisions.stored(connection)
            standing = revisions.of_this_code().standing(stored)
            looked = Looked(url, connection, settings, standing, stored.revision is not None)
            found = [ok("database", "it answers")]
            for name, check in OF_THE_DATABASE.items():
                found += await guarded(name, check(looked))
            if standing.is_served:
                for name, check in OF_THE_TABLES.items():
                    found += await guarded(name, check(looked))
            return found
    except Unavailable as error:
        return [away(str(error))]
    except ValueError as error:
        # What it cannot read of the URL may be a part of the password.
        return [away(f"CONTEXTQL_DATABASE_URL cannot be read ({type(error).__name__})")]


def away(why: str) -> Finding:
    return fail(
        "database",
        f"it cannot be reached, and nothing else of it was looked at: {why}",
        "start it, or check CONTEXTQL_DATABASE_URL, the network and pg_hba.conf",
    )


def not_started() -> Finding:
    return fail(
        "database",
        "the embedded PostgreSQL did not start, and nothing else of it was looked at",
        "see above why; the folder is CONTEXTQL_DATA_DIR, and the disk has to have room",
    )


async def guarded(name: str, check: Awaitable[Findings]) -> list[Finding]:
    """What the check has found. One that fails itself is a finding, and keeps the others from nothing."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            found = await check
    except Exception as error:  # noqa: BLE001  # whatever it is, the others are still to be told
        return [
            fail(
                name,
                f"it could not be looked at ({type(error).__name__})",
                "see what the others say",
            )
        ]
    return [found] if isinstance(found, Finding) else list(found)
