"""What an orchestrator asks: whether the process lives, and whether requests should be sent to it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse

from api.server import Server

DATABASE_SECONDS = 2.0
"""How long the database may take to answer."""


async def live(_: Request) -> JSONResponse:
    """200 for as long as the process answers at all."""
    return JSONResponse({"status": "live"})


async def ready(request: Request) -> JSONResponse:
    """200, or 503 with what is amiss: the server is stopping, or the database or its news are away."""
    server: Server = request.state.server
    checks = {
        "accepting": not server.running.is_closed,
        "database": await server.db.answers(DATABASE_SECONDS),
        "listener": server.listener.is_listening,
    }
    is_ready = all(checks.values())
    status = "ready" if is_ready else "not ready"
    return JSONResponse({"status": status, "checks": checks}, 200 if is_ready else 503)
