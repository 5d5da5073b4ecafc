"""How far the store reaches: for every user, or for one. The first of the two walls."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

NOBODY = UUID(int=0)
"""The id that no user has."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows may be reached, every user's without one; `actor` is who reaches, by name."""

    user: UUID | None = None
    actor: str = "system"

    @property
    def user_text(self) -> str:
        """The user as PostgreSQL's settings hold it; empty for every user."""
        return str(self.user) if self.user else ""

    def seen(self, table: str) -> str:
        """Where a statement reads the table whose index by `&&` or `@>` it needs: under a policy there is no such way.

        What a user sees instead is a view of the same rows as the policy lets through.
        """
        return f"own_{table}" if self.user else table

    def narrowed(self, args: tuple[object, ...]) -> tuple[object, ...]:
        """The arguments of a statement within the scope: the first is whose rows it is about, one user or several.

        Another user becomes nobody, so that theirs and what does not exist are the same to whoever asks.
        """
        if self.user is None:
            return args
        match args:
            case [UUID() as one, *others]:
                return (one if one == self.user else NOBODY, *others)
            case [[*several], *others]:
                return ([one for one in several if one == self.user], *others)
            case _:
                raise Unscoped


class Unscoped(Exception):
    """A statement about nobody in particular was to be run for one user. A fault of ours."""


EVERYONE = Scope()
