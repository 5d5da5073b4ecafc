"""Who asks, and where."""

from __future__ import annotations

from starlette.types import Scope

from api.viewer import Viewer


class Caller:
    """Who asks and where: `transport` is for the log, `seen` the id of the event that a client has seen last.

    `traceparent` is what the first message on a socket has said of the trace that it belongs to.
    """

    __slots__ = ("by", "request_id", "scope", "seen", "traceparent", "transport", "viewer")

    def __init__(
        self,
        scope: Scope,
        request_id: str,
        transport: str,
        viewer: Viewer,
        seen: str = "",
        traceparent: str | None = None,
    ) -> None:
        self.scope = scope
        self.request_id = request_id
        self.transport = transport
        self.viewer = viewer
        self.seen = seen
        self.traceparent = traceparent
        self.by = viewer.by(request_id)
        """The same, as facts say it."""
