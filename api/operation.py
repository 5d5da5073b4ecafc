"""What lives as long as one GraphQL operation: who asks, the prepared document, the loaders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import InitVar, dataclass, field
from functools import partial

from graphql import DocumentNode, OperationType

from api.changes.feed import Changes
from api.generation.feed import Feeds
from api.generation.running import Running
from api.grounding import Searcher
from api.loaders import Loaders
from api.models import Model
from api.models.embedder import Embedder
from api.observe import By, Observer, Spent
from api.places import Place, no_place
from api.rates import Rates
from api.recent import Recent
from api.server import Server
from api.settings import Settings
from api.viewer import Viewer
from db.pool import Database
from db.records import Response


@dataclass(slots=True)
class Operation:
    """The context value of every resolver. A new one is made for each operation, also on a WebSocket.

    Of the server it has what a resolver may use, and no store but the viewer's own.
    """

    server: InitVar[Server]
    by: By
    """For whom all this is done, as facts say it."""
    kind: OperationType
    document: DocumentNode
    """Parsed, limited and validated at the door."""
    viewer: Viewer
    place: Place = field(default_factory=no_place)
    """What it takes of all that may be in flight."""
    seen: str = ""
    """The id of the event that a client which comes back has seen last, as its connection says by itself."""
    event: str | None = None
    """The id of the event that the newest result tells; whoever comes back says that it has seen it."""
    db: Database = field(init=False)
    """The store, no further than the viewer's own rows."""
    loaders: Loaders = field(init=False)
    running: Running = field(init=False)
    feeds: Feeds = field(init=False)
    changes: Changes = field(init=False)
    rates: Rates = field(init=False)
    settings: Settings = field(init=False)
    models: Mapping[str, Model] = field(init=False)
    embedder: Embedder | None = field(init=False)
    observe: Observer = field(init=False)
    retrievals: Recent = field(init=False)
    """How long it has taken lately to find what is known about users."""
    finished: Callable[[Response], Awaitable[Response]] = field(init=False)
    """Waits for the last state of a response."""
    _searcher: Searcher = field(init=False, repr=False)

    def __post_init__(self, server: Server) -> None:
        self.db = server.db.within(self.viewer.scope)
        self.loaders = self._new_loaders(server.observe)
        self._searcher = server.searcher
        self.running, self.feeds, self.rates = server.running, server.feeds, server.rates
        self.changes = server.changes
        self.settings, self.models = server.settings, server.models
        self.embedder, self.observe = server.embedder, server.observe
        self.retrievals = server.retrievals
        self.finished = partial(server.finished, self.db)

    @property
    def searcher(self) -> Searcher:
        """Finds what the viewer may find."""
        return self._searcher.within(self.db, self.by)

    def spent(self, cost: int) -> Spent:
        """What it has taken until now, for a charge of `cost`."""
        tally = self.db.tally
        return Spent(
            cost, tally.statements, round(tally.seconds * 1000, 3), round(tally.waited * 1000, 3)
        )

    def begin_anew(self) -> None:
        """Forget what was loaded, and give up what still is."""
        self.loaders.stop()
        self.loaders = self._new_loaders(self.observe)

    def _new_loaders(self, observe: Observer) -> Loaders:
        # What a mutation or an event has changed must be read anew, so only a query remembers what it loaded.
        return Loaders(self.db, observe, self.by, remember=self.kind is OperationType.QUERY)

    def close(self) -> None:
        """The operation is over: what it still loads nobody waits for."""
        self.loaders.stop()
