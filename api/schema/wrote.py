"""Writing contexts, as it is observed."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from time import perf_counter

from api.observe import milliseconds
from api.schema.info import Info
from api.touched import touched
from db.records import Context


async def wrote(info: Info, operation: str, writing: Awaitable[Context]) -> Context:
    """What is written; `operation` is `create`, `update`, `delete` or `restore`."""

    async def several() -> Sequence[Context]:
        return [await writing]

    (written,) = await wrote_all(info, operation, several())
    return written


async def wrote_all(
    info: Info, operation: str, writing: Awaitable[Sequence[Context]]
) -> Sequence[Context]:
    """As `wrote`, for several contexts of one user."""
    began = perf_counter()
    written = await writing
    if written:
        users = dict.fromkeys(one.user_id for one in written)
        took = milliseconds(began)
        info.context.observe(touched(operation, users, written, took, info.context.by))
    return written
