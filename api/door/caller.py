"""Who asks, and where."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.types import Scope

from api.observe import By
from api.viewer import Viewer


@dataclass(slots=True)
class Caller:
    """Who asks and where: `transport` is for the log, `seen` the id of the event that a client has seen last.

    `traceparent` is what the first message on a socket has said of the trace that it belongs to.
    """

    scope: Scope
    request_id: str
    transport: str
    viewer: Viewer
    seen: str = ""
    traceparent: str | None = None
    by: By = field(init=False)
    """The same, as facts say it."""

    def __post_init__(self) -> None:
        self.by = self.viewer.by(self.request_id)
