"""What only a service may ask for."""

from __future__ import annotations

from api.errors import Forbidden
from api.schema.info import Info


def for_services(info: Info) -> None:
    """Raise `Forbidden` for whoever speaks for one user."""
    if not info.context.viewer.is_service:
        raise Forbidden(f"{info.field_name} is for services; ask with a service key.")
