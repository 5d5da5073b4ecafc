"""The fact that contexts were read or written, for all users whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from uuid import UUID

from api.observe import By, ContextsTouched, Kinds
from db.leaves import LeafPage
from db.objects import Object
from db.records import Context


def touched(
    operation: str, users: Iterable[UUID], contexts: Iterable[Context], duration_ms: float, by: By
) -> ContextsTouched:
    """What is observed of these contexts of these users, after so long. One user may have had none."""
    types: dict[UUID, list[str]] = {user: [] for user in users}
    for context in contexts:
        types[context.user_id].append(context.context_type)
    texts = {user: ",".join(several) for user, several in types.items()}
    return touched_by_type(operation, texts, duration_ms, by)


def touched_by_type(
    operation: str, types: Mapping[UUID, str], duration_ms: float, by: By
) -> ContextsTouched:
    """The same, where no more is known of contexts than their types, with commas between them."""
    each = [(user, _counted(several)) for user, several in types.items()]
    return ContextsTouched(operation, each, duration_ms, by)


@lru_cache(maxsize=1024)
def _counted(types: str) -> Kinds:
    """Each of them once, and how many there are. Where there was none, nothing is between two commas."""
    # The same are read again and again.
    found = [one for one in types.split(",") if one]
    return Kinds(",".join(sorted(set(found))), len(found))


def types_of(users: Iterable[UUID], found: Iterable[object]) -> dict[UUID, str]:
    """The types of the contexts that are among what was found, by user: these users, and whoever has one of them.

    There are commas between them, and nothing between two of these where there was none.
    """
    types = dict.fromkeys(users, "")
    for one in found:
        if isinstance(one, Context):
            _add(types, [(one.user_id, one.context_type)])
        elif isinstance(one, LeafPage):
            _add_page(types, one)
        elif isinstance(one, Object):
            _add_object(types, one)
    return types


def _add_page(types: dict[UUID, str], page: LeafPage) -> None:
    if page.context_types:
        _add(types, [(page.user_id, ",".join(page.context_types))])
    _add(types, page.read)


def _add_object(types: dict[UUID, str], one: Object) -> None:
    _add(types, [(one.owner, read) for read in (one.context_type, one.read) if read is not None])
    for page in one.beside:
        _add_page(types, page)


def _add(types: dict[UUID, str], read: Iterable[tuple[UUID, str]]) -> None:
    for user, several in read:
        types[user] = f"{types[user]},{several}" if user in types else several
