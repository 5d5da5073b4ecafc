"""Who asks: the role, the user that a user's credential speaks for, and the name that the audit trail keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from api.observe import By
from db.scope import Scope


class Role(StrEnum):
    """What a credential may reach: every user, or one."""

    SERVICE = "SERVICE"
    USER = "USER"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever has shown a credential. `user` and `external_id` are there for `Role.USER` only.

    `actor` names the credential without being one, such as `key:cql_4f9a2c` or `jwt`. `expires_at` is the
    moment after which it is worth nothing; None: never.
    """

    role: Role
    actor: str
    user: UUID | None = None
    external_id: str | None = None
    expires_at: datetime | None = None
    scope: Scope = field(init=False, compare=False, repr=False)
    """How far the store reaches for this viewer."""
    is_service: bool = field(init=False, compare=False, repr=False)
    counted: str = field(init=False, compare=False, repr=False)
    """Under what name it is counted what is asked: all credentials of a user together, each of a service by itself."""
    _user_id: str | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        is_service = self.role is Role.SERVICE
        counted = f"service:{self.actor}" if is_service else f"user:{self.user}"
        object.__setattr__(self, "scope", Scope(self.user, self.actor))
        object.__setattr__(self, "is_service", is_service)
        object.__setattr__(self, "counted", counted)
        object.__setattr__(self, "_user_id", str(self.user) if self.user else None)

    def by(self, request_id: str) -> By:
        """This viewer's request, as facts say it."""
        return By(request_id, self.actor, self._user_id)


LOCAL = Viewer(Role.SERVICE, "local")
"""Our own code where no client asks: the command line, and tests that are about something else."""
