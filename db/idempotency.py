"""Keys of writes that may be repeated: what a key was used for first, and what that made.

A key and what is written under it are one transaction. Whoever comes with the same key meanwhile waits for its end,
in whatever process it runs; of a first attempt that fails nothing is left.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from db.errors import KeyReused
from db.pool import Database, Session


class Stored(Protocol):
    """A row that has an id within its user's."""

    @property
    def id(self) -> UUID: ...


Made = TypeVar("Made", bound=Stored)


@dataclass(frozen=True, slots=True)
class Use:
    """A key as a user's write comes with it. After `keep` seconds a key is as good as new."""

    user_id: UUID
    key: str
    operation: str
    input_hash: bytes
    keep: float


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was made when the key was used first: the ids, in the order of then."""

    ids: Sequence[UUID]


# A key that was used waits here for whoever uses it just now; one that is past its time is taken over.
CLAIM = """
insert into idempotency_keys as k (user_id, key, operation, input_hash)
values ($1, $2, $3, $4)
on conflict (user_id, key) do update set
    operation = excluded.operation,
    input_hash = excluded.input_hash,
    result = null,
    created_at = excluded.created_at
where k.created_at <= now() - make_interval(secs => $5)
returning k.user_id
"""

USED = """
select operation, input_hash, result from idempotency_keys where user_id = $1 and key = $2
"""

RECORD = "update idempotency_keys set result = $3 where user_id = $1 and key = $2"


async def once(
    db: Database, use: Use, write: Callable[[Session], Awaitable[Sequence[Made]]]
) -> Sequence[Made] | Earlier:
    """What `write` makes, or made when the key was used before.

    Raises `KeyReused` when that was for something else, and whatever `write` raises.
    """
    async with db.transaction() as session:
        if await session.fetchrow(CLAIM, *_identified(use), use.keep) is None:
            return await _earlier(session, use)
        made = await write(session)
        await session.fetch(RECORD, use.user_id, use.key, [str(one.id) for one in made])
        return made


def _identified(use: Use) -> tuple[object, ...]:
    return use.user_id, use.key, use.operation, use.input_hash


async def _earlier(session: Session, use: Use) -> Earlier:
    # It is there: whoever failed to claim it holds its row.
    used = await session.fetchrow(USED, use.user_id, use.key)
    assert used is not None  # noqa: S101
    if (used["operation"], used["input_hash"]) != (use.operation, use.input_hash):
        raise KeyReused(used["operation"])
    return Earlier([UUID(id) for id in used["result"]])


SWEEP = """
with expired as (
    select user_id, key from idempotency_keys
    where created_at <= now() - make_interval(secs => $1)
    order by created_at
    limit $2
    for update skip locked
), gone as (
    delete from idempotency_keys k using expired e
    where k.user_id = e.user_id and k.key = e.key
)
select count(*) as count from expired
"""


async def sweep(db: Database, keep: float, limit: int) -> int:
    """Forget at most `limit` of the keys that are past their time, and say how many they were."""
    swept = await db.fetchrow(SWEEP, keep, limit)
    return int(swept["count"]) if swept else 0
