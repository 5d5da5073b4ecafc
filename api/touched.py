"""The facts that contexts were read or written: one for each user whose they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Protocol
from uuid import UUID

from api.observe import By, ContextTouched


class Typed(Protocol):
    """A context, or what is known of one."""

    @property
    def user_id(self) -> UUID: ...

    @property
    def context_type(self) -> str | None: ...


def touched(
    operation: str, users: Iterable[UUID], contexts: Iterable[Typed], duration_ms: float, by: By
) -> Iterator[ContextTouched]:
    """What is observed of these contexts of these users, after so long. One user may have had none."""
    types: dict[UUID, dict[str, int]] = {user: defaultdict(int) for user in users}
    for context in contexts:
        types[context.user_id][context.context_type or ""] += 1
    for user, counts in types.items():
        yield ContextTouched(
            operation=operation,
            user_id=str(user),
            context_type=",".join(sorted(counts)),
            count=sum(counts.values()),
            duration_ms=duration_ms,
            by=by,
        )
