"""The facts that contexts were read or written: one for each user whose they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from uuid import UUID

from api.observe import By, ContextTouched
from db.records import Context

Typed = tuple[UUID, str]
"""A context by its owner and its type."""


def touched(
    operation: str, users: Iterable[UUID], contexts: Iterable[Context], duration_ms: float, by: By
) -> Iterator[ContextTouched]:
    """What is observed of these contexts of these users, after so long. One user may have had none."""
    typed = ((context.user_id, context.context_type) for context in contexts)
    return touched_by_type(operation, users, typed, duration_ms, by)


def touched_by_type(
    operation: str, users: Iterable[UUID], contexts: Iterable[Typed], duration_ms: float, by: By
) -> Iterator[ContextTouched]:
    """The same of contexts of which no more is known."""
    types: dict[UUID, dict[str, int]] = {user: defaultdict(int) for user in users}
    for user, context_type in contexts:
        types[user][context_type] += 1
    for user, counts in types.items():
        yield ContextTouched(
            operation=operation,
            user_id=str(user),
            context_type=",".join(sorted(counts)),
            count=sum(counts.values()),
            duration_ms=duration_ms,
            by=by,
        )
