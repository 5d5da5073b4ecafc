"""Which rows a statement is about: one, by its key, or several at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID


class Which(NamedTuple):
    """Rows that a statement is about: the condition in SQL, and its arguments, the first of the statement.

    One row is asked for as such: PostgreSQL keeps the plan. Of a list it takes ten entries for granted where it does
    not look, so it looks, and plans a shorter one anew each time.
    """

    sql: str
    args: tuple[object, ...]

    @property
    def following(self) -> int:
        """The number of the first placeholder after these."""
        return len(self.args) + 1


def which_users(ids: Collection[UUID]) -> Which:
    """Those of `u`."""
    if len(ids) == 1:
        return Which("u.id = $1", tuple(ids))
    return Which("u.id = any($1)", (list(ids),))


def which(alias: str, keys: Collection[tuple[UUID, UUID]]) -> Which:
    """Rows by the user's id and their own. Of several it matches each id with each user."""
    if len(keys) == 1:
        ((user, id),) = keys
        return Which(f"{alias}.user_id = $1 and {alias}.id = $2", (user, id))
    users, ids = zip(*keys, strict=True)
    several = (list(set(users)), list(ids))
    return Which(f"{alias}.user_id = any($1) and {alias}.id = any($2)", several)
