"""Recognising whoever asks, or refusing them in the way that HTTP says it."""

from __future__ import annotations

from starlette.types import Scope

from api.door.credentials import Credentials
from api.door.refused import Refused
from api.errors import ServiceUnavailable, Unauthenticated
from api.refusals import refusal
from api.viewer import Viewer
from db.errors import StoreError


def credentials(scope: Scope) -> Credentials:
    """Those of the process, which the lifespan has opened."""
    found: Credentials = scope["state"]["credentials"]
    return found


async def recognised(scope: Scope, authorization: str | None) -> Viewer:
    """Whoever sends this `Authorization`. Raises `Refused`: 401, or 503 when that cannot be told just now."""
    try:
        return await credentials(scope).viewer(authorization)
    except Unauthenticated as unknown:
        raise Refused(401, unknown, {"WWW-Authenticate": "Bearer"}) from unknown
    except (StoreError, ServiceUnavailable) as away:
        raise Refused(503, refusal(away)) from away
