"""What lives as long as one GraphQL operation: who asks, the prepared document, the loaders."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphql import DocumentNode, OperationType

from api.loaders import Loaders
from api.places import Place, no_place
from api.server import Server
from api.viewer import Viewer
from db.pool import Database


@dataclass(slots=True)
class Operation:
    """The context value of every resolver. A new one is made for each operation, also on a WebSocket."""

    server: Server
    request_id: str
    kind: OperationType
    document: DocumentNode
    """Parsed, limited and validated at the door."""
    viewer: Viewer
    place: Place = field(default_factory=no_place)
    """What it takes of all that may be in flight."""
    seen: int = 0
    """The event that a client which comes back has seen last, as its connection says by itself."""
    event: int | None = None
    """The event that the newest result of a subscription tells; whoever comes back says that it has seen it."""
    db: Database = field(init=False)
    """The store, no further than the viewer's own rows."""
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.db = self.server.db.within(self.viewer.scope)
        # What a mutation or an event has changed must be read anew, so only a query remembers what it loaded.
        self.loaders = Loaders(self.db, remember=self.kind is OperationType.QUERY)

    def close(self) -> None:
        """The operation is over: what it still loads nobody waits for."""
        self.loaders.stop()
