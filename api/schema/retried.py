"""Mutations that may be repeated: the same key with the same input writes once, however often it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import orjson

from api.errors import NotFound
from api.schema.info import Info
from db import idempotency
from db.contexts import Owned
from db.idempotency import Earlier, Made, Use
from db.pool import Store

KEY = "idempotency_key"


class Retryable(Protocol):
    """An input that may come with a key."""

    @property
    def idempotency_key(self) -> str | None: ...

    def model_dump(self, *, exclude: set[str], exclude_defaults: bool) -> dict[str, Any]: ...


async def retried(
    info: Info,
    user_id: UUID,
    input: Retryable,
    write: Callable[[Store], Awaitable[Made]],
    load: Callable[[Owned], Awaitable[Made | None]],
) -> Made:
    """What `write` makes; for a key that was used before, what it made then, as `load` finds it now.

    Raises `KeyReused`, and `NotFound` when that is gone.
    """

    async def written(db: Store) -> Sequence[Made]:
        return [await write(db)]

    (made,) = await retried_many(info, user_id, input, written, load)
    return made


async def retried_many(
    info: Info,
    user_id: UUID,
    input: Retryable,
    write: Callable[[Store], Awaitable[Sequence[Made]]],
    load: Callable[[Owned], Awaitable[Made | None]],
) -> Sequence[Made]:
    """As `retried`, for a write that makes several."""
    db, keep = info.context.db, info.context.settings.idempotency_keep
    if input.idempotency_key is None:
        return await write(db)
    use = Use(user_id, input.idempotency_key, info.field_name, input_hash(input), keep)
    made = await idempotency.once(db, use, write)
    if isinstance(made, Earlier):
        return await _standing(user_id, made, load)
    return made


async def _standing(
    user_id: UUID, earlier: Earlier, load: Callable[[Owned], Awaitable[Made | None]]
) -> Sequence[Made]:
    found = await asyncio.gather(*(load((user_id, id)) for id in earlier.ids))
    there = [one for one in found if one is not None]
    if len(there) < len(found):
        raise NotFound(
            "What was first made with this idempotency key has been erased or has expired since; "
            "use another key to make it anew."
        )
    return there


def input_hash(input: Retryable) -> bytes:
    """The same for the same input, in whatever order its JSON is written, and another for any other input."""
    # Without defaults: to leave a field out is to give its default, also for a field that a later version brings.
    given = input.model_dump(exclude={KEY}, exclude_defaults=True)
    return sha256(orjson.dumps(given, option=orjson.OPT_SORT_KEYS)).digest()
