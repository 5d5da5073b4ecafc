"""What only a service may ask for, or only a service and the one it is about."""

from __future__ import annotations

from uuid import UUID

from api.errors import Forbidden
from api.schema.info import Info


def for_services(info: Info) -> None:
    """Raise `Forbidden` for whoever speaks for one user."""
    if not info.context.viewer.is_service:
        raise Forbidden(f"{info.field_name} is for services; ask with a service key.")


def for_oneself(info: Info, user_id: UUID) -> None:
    """Raise `Forbidden` for whoever speaks for another user, whether there is this one or not."""
    if info.context.viewer.user not in {None, user_id}:
        raise Forbidden("This credential is one user's, and writes no other user.")
