"""What an orchestrator asks: whether the process lives, and whether requests should be sent to it.

Anybody may ask, however often: what is said names no address, and the database is asked once for all who ask at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from time import monotonic

from starlette.requests import Request
from starlette.responses import JSONResponse

from api.server import Server
from db import revisions
from db.errors import StoreError
from db.revisions import Revisions, Standing

DATABASE_SECONDS = 2.0
"""How long the database may take to answer."""

FRESH_SECONDS = 1.0
"""How long its answer is good for."""

VERSION = version("contextql")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to be well, and a few words on how it is."""

    is_well: bool
    reason: str | None = None
    milliseconds: float | None = None

    def told(self) -> dict[str, object]:
        said = {"reason": self.reason, "milliseconds": self.milliseconds}
        status = "ok" if self.is_well else "failed"
        return {"status": status, **{name: one for name, one in said.items() if one is not None}}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the database has answered."""

    database: Check
    migrations: Check


REASONS = {
    Standing.BEHIND: "behind: run contextql migrate",
    Standing.EXPANDED: "expanded: newer than this version, which serves them",
    Standing.AHEAD: "ahead: newer than this version can serve",
}

UNKNOWN = Check(is_well=False, reason="not known while the database does not answer")


class Health:
    """The answers of one process."""

    def __init__(self, server: Server, known: Revisions) -> None:
        self._server = server
        self._known = known
        self._begun = monotonic()
        self._asking: asyncio.Task[Asked] | None = None
        self._good_until = 0.0

    @property
    def uptime(self) -> float:
        """Seconds."""
        return monotonic() - self._begun

    async def checks(self) -> dict[str, Check]:
        asked = await self._shared()
        stopping = self._server.running.is_closed
        listening = self._server.listener.is_listening
        return {
            "accepting": Check(not stopping, "the server is stopping" if stopping else None),
            "database": asked.database,
            "migrations": asked.migrations,
            "listener": Check(listening, None if listening else "the connection is being made"),
        }

    async def close(self) -> None:
        if self._asking:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _shared(self) -> Asked:
        """The answer that is on its way, or still good, or a new one."""
        if self._asking is None or (self._asking.done() and monotonic() >= self._good_until):
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> Asked:
        begun = monotonic()
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                stored = await revisions.stored(self._server.db)
        except TimeoutError:
            return Asked(_failed(f"no answer within {DATABASE_SECONDS:g} seconds"), UNKNOWN)
        except StoreError:
            return Asked(_failed("not reachable"), UNKNOWN)
        finally:
            self._good_until = monotonic() + FRESH_SECONDS
        standing = self._known.standing(stored)
        return Asked(
            Check(is_well=True, milliseconds=round((monotonic() - begun) * 1000, 2)),
            Check(standing.is_served, REASONS.get(standing, standing.value)),
        )


def _failed(reason: str) -> Check:
    return Check(is_well=False, reason=reason)


@asynccontextmanager
async def looked_after(server: Server) -> AsyncIterator[Health]:
    """The health of this server, for the length of the block."""
    health = Health(server, revisions.of_this_code())
    try:
        yield health
    finally:
        await health.close()


async def live(request: Request) -> JSONResponse:
    """200 for as long as the process answers at all."""
    health: Health = request.state.health
    return JSONResponse(
        {"status": "live", "version": VERSION, "uptime_seconds": round(health.uptime, 1)}
    )


async def ready(request: Request) -> JSONResponse:
    """200, or 503 with what is amiss."""
    health: Health = request.state.health
    checks = await health.checks()
    is_ready = all(check.is_well for check in checks.values())
    told = {name: check.told() for name, check in checks.items()}
    status = "ready" if is_ready else "not ready"
    return JSONResponse({"status": status, "checks": told}, 200 if is_ready else 503)
