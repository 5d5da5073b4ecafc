"""The facts that contexts were read or written: one for each user whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from api.observe import By, ContextTouched
from db.leaves import LeafPage
from db.objects import Object
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


def types_of(users: Iterable[UUID], found: Iterable[object]) -> dict[UUID, list[str]]:
    """The types of the contexts that are among what was found, by user: these users, and whoever has one of them."""
    types: dict[UUID, list[str]] = {user: [] for user in users}
    for one in found:
        if isinstance(one, Context):
            types[one.user_id].append(one.context_type)
        elif isinstance(one, LeafPage):
            _add_page(types, one)
        elif isinstance(one, Object):
            _add_object(types, one)
    return types


def _add_page(types: dict[UUID, list[str]], page: LeafPage) -> None:
    if page.context_types:
        types.setdefault(page.user_id, []).extend(page.context_types)
    for user, read in page.read:
        _add(types, user, read)


def _add_object(types: dict[UUID, list[str]], one: Object) -> None:
    if one.context_type is not None:
        types[one.owner].append(one.context_type)
    if one.read is not None:
        _add(types, one.owner, one.read)
    for page in one.beside:
        _add_page(types, page)


def _add(types: dict[UUID, list[str]], user: UUID, read: str) -> None:
    # A list in which there was none leaves nothing between two commas.
    types.setdefault(user, []).extend([one for one in read.split(",") if one])
