"""The facts that contexts were read or written: one for each user whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
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
    """The same, where no more is known of contexts than their types; in a text there may be several."""
    for user, several in types.items():
        kinds, count = _counted(several[0] if len(several) == 1 else ",".join(several))
        yield ContextTouched(operation, str(user), kinds, count, duration_ms, by)


@lru_cache(maxsize=1024)
def _counted(types: str) -> tuple[str, int]:
    """Each of them once, and how many there are. Where there was none, nothing is between two commas."""
    # The same are read again and again.
    found = [one for one in types.split(",") if one]
    return ",".join(sorted(set(found))), len(found)


def types_of(users: Iterable[UUID], found: Iterable[object]) -> dict[UUID, list[str]]:
    """The types of the contexts that are among what was found, by user: these users, and whoever has one of them.

    In a text there may be several, with commas between them.
    """
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
        types.setdefault(user, []).append(read)


def _add_object(types: dict[UUID, list[str]], one: Object) -> None:
    if one.context_type is not None:
        types[one.owner].append(one.context_type)
    if one.read is not None:
        types.setdefault(one.owner, []).append(one.read)
    for page in one.beside:
        _add_page(types, page)
