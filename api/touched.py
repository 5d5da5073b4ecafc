"""The facts that contexts were read or written: one for each user whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from api.observe import By, ContextTouched
from db.records import Context


def touched(
    operation: str, users: Iterable[UUID], contexts: Iterable[Context], duration_ms: float, by: By
) -> Iterator[ContextTouched]:
    """What is observed of these contexts of these users, after so long. One user may have had none."""
    types: dict[UUID, list[str]] = {user: [] for user in users}
    for context in contexts:
        types[context.user_id].append(context.context_type)
    return touched_by_type(operation, types, duration_ms, by)


def touched_by_type(
    operation: str, types: Mapping[UUID, Sequence[str]], duration_ms: float, by: By
) -> Iterator[ContextTouched]:
    """The same, where of each context of each user no more is known than its type."""
    for user, several in types.items():
        yield ContextTouched(
            operation=operation,
            user_id=str(user),
            context_type=",".join(sorted(set(several))),
            count=len(several),
            duration_ms=duration_ms,
            by=by,
        )
