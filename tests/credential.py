"""The credential of the tests: one service key, in the template that every database is a copy of."""

from __future__ import annotations

import asyncpg

from api.viewer import Role
from db.api_keys import hashed, prefix_of

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
