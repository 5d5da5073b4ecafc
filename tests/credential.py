"""The credential of the tests: one service key, in the template that every database is a copy of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg
import httpx

from api.viewer import Role
from db import users
from db.api_keys import Grant, hashed, new_key, prefix_of, register
from db.pool import Database
from tests.serving import TRUSTING_NOBODY

KEY = "cql_7e57ab1e00_" + "7e57" * 12

AUTHORIZATION = f"Bearer {KEY}"

AUTHORIZED = {"Authorization": AUTHORIZATION}
"""As headers of a request, or as the payload of `connection_init`."""

LET_IN = """
insert into api_keys (id, prefix, hash, name, role) values (gen_random_uuid(), $1, $2, 'tests', $3)
"""


async def let_in(database_url: str) -> None:
    """Let the key in, on a migrated database."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(LET_IN, prefix_of(KEY), hashed(KEY), Role.SERVICE)
    await connection.close()


async def key_for(
    db: Database, external_id: str | None = None, expires_at: datetime | None = None
) -> str:
    """A new key: of one user, who is made if missing, or of a service."""
    owner = (await users.upsert(db, external_id)).id if external_id else None
    role = Role.USER if external_id else Role.SERVICE
    key = new_key()
    await register(db, key, Grant("made by a test", role, owner, expires_at))
    return key


def bearing(credential: str) -> dict[str, str]:
    """As headers, or as the payload of `connection_init`."""
    return {"Authorization": f"Bearer {credential}"}


@asynccontextmanager
async def client_of(
    service: httpx.AsyncClient, db: Database, external_id: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the same server, with a key of that user's own."""
    headers = bearing(await key_for(db, external_id))
    async with httpx.AsyncClient(
        base_url=service.base_url, headers=headers, timeout=30, verify=TRUSTING_NOBODY
    ) as one:
        yield one
