"""Q7: a thousand contexts stored by one mutation, against a COPY of the very same rows into the same table."""

from __future__ import annotations

import io
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import httpx
import orjson

from api.schema.identity import Kind, global_id
from tests.bench.reading.people import text
from tests.bench.reading.seeding import clean, writer
from tests.bench.reading.servers import Running

ROWS = 1000

Q7 = """mutation Q7($input: CreateContextsInput!) {
  createContexts(input: $input) { contexts { id } }
}"""

# All that is stored of a context and not computed from it by the table itself.
COLUMNS = (
    "user_id", "id", "conversation_id", "context_type", "content", "metadata", "created_at", "updated_at",
    "expires_at", "is_active", "version", "search",
)  # fmt: skip

STORED = f"select {', '.join(COLUMNS)} from contexts where user_id = $1"


@dataclass(slots=True)
class Bulk:
    """Rows a second, turn by turn."""

    mutation: list[float] = field(default_factory=list)
    copy: list[float] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    """COPY by a session that is told, as our own statement tells itself, to plan what the table computes but once."""

    def shown(self) -> str:
        ours = median(self.mutation)
        return "\n".join(
            [
                f"Q7  createContexts of {ROWS:,}, on one connection, rows/s",
                f"    {'ContextQL':30} {ours:10,.0f}",
                *(
                    f"    {name:30} {median(rates):10,.0f} {ours / median(rates):11.2f} x"
                    for name, rates in (
                        ("COPY of the same rows", self.copy),
                        ("COPY, planned once as ours is", self.told),
                    )
                ),
            ]
        )


async def compared(running: Running, database_url: str, turns: int) -> Bulk:
    """By turns: the rows that the mutation has made are read as COPY writes them, deleted, and copied back, twice."""
    bulk = Bulk()
    connection = await asyncpg.connect(database_url)
    namespace = await connection.fetchval("select namespace from deployment")
    user = uuid5(namespace, writer(0))
    body = _body(user)
    headers = {
        "Authorization": running.server.authorization or "",
        "Content-Type": "application/json",
    }
    async with httpx.AsyncClient(headers=headers, timeout=60) as client:
        try:
            for number in range(turns + 1):
                made = await _timed(_created(client, running, body))
                rows = await _taken(connection, user)
                await clean(database_url)
                copied = await _timed(_copied(connection, rows))
                await clean(database_url)
                await connection.execute("set plan_cache_mode = force_generic_plan")
                told = await _timed(_copied(connection, rows))
                await connection.execute("reset plan_cache_mode")
                await clean(database_url)
                # The first is for what is prepared and compiled.
                if number:
                    bulk.mutation.append(ROWS / made)
                    bulk.copy.append(ROWS / copied)
                    bulk.told.append(ROWS / told)
        finally:
            await connection.close()
    return bulk


async def _timed(act: Awaitable[None]) -> float:
    began = time.perf_counter()
    await act
    return time.perf_counter() - began


async def _created(client: httpx.AsyncClient, running: Running, body: bytes) -> None:
    answer = await client.post(f"{running.address}/graphql", content=body)
    made = answer.json()["data"]["createContexts"]["contexts"]
    assert len({one["id"] for one in made}) == ROWS


def _body(user: UUID) -> bytes:
    contexts = [
        {
            "contextType": "knowledge",
            "content": {"text": text(0, n)},
            "metadata": {"source": "import", "number": n},
        }
        for n in range(ROWS)
    ]
    given = {"userId": global_id(Kind.User, user, user), "contexts": contexts}
    return orjson.dumps({"query": Q7, "variables": {"input": given}})


async def _taken(connection: asyncpg.Connection[Any], user: UUID) -> bytes:
    """The rows of the user, as COPY reads them."""
    written = io.BytesIO()
    done = await connection.copy_from_query(STORED, user, output=written, format="binary")
    assert done == f"COPY {ROWS}", done
    return written.getvalue()


async def _copied(connection: asyncpg.Connection[Any], rows: bytes) -> None:
    done = await connection.copy_to_table(
        "contexts", source=io.BytesIO(rows), columns=COLUMNS, format="binary"
    )
    assert done == f"COPY {ROWS}", done
