"""Whether a request was meant for us: a page elsewhere may have a name of its own point to this machine."""

from __future__ import annotations

from api.door.refused import Refused
from api.errors import BadUserInput

_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


def require_known(host: str | None, served: str) -> None:
    """Raise `Refused` unless the Host header names this machine, or the address that is served."""
    name = (host or "").strip().lower()
    if not name.endswith("]"):
        name = name.rpartition(":")[0] or name
    if name not in _LOCAL | {served, f"[{served}]"}:
        raise Refused(400, BadUserInput("The Host header names another machine; use localhost."))
