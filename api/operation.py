"""What lives as long as one GraphQL operation: who asks, the prepared document, the loaders."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import DocumentNode, OperationType

from api.changes.feed import Changes
from api.generation.feed import Feeds
from api.generation.running import Running
from api.grounding import Searcher
from api.loaders import Loaders
from api.models import Model
from api.models.embedder import Embedder
from api.observe import By, Observer, Spent, in_milliseconds
from api.places import Place, no_place
from api.rates import Rates
from api.recent import Recent
from api.server import Server
from api.settings import Settings
from api.viewer import Viewer
from db.pool import Database
from db.records import Response


class Operation:
    """The context value of every resolver. A new one is made for each operation, also on a WebSocket.

    Of the server it has what a resolver may use, and no store but the viewer's own. What few operations need is made
    when it is asked for.
    """

    __slots__ = (
        *("_db", "_is_over", "_loaders", "_server"),
        *("by", "document", "event", "kind", "place", "seen", "viewer"),
    )

    def __init__(
        self,
        server: Server,
        by: By,
        kind: OperationType,
        document: DocumentNode,
        viewer: Viewer,
        place: Place | None = None,
    ) -> None:
        self._server = server
        self._db: Database | None = None
        self._loaders: Loaders | None = None
        self._is_over = False
        self.by = by
        """For whom all this is done, as facts say it."""
        self.kind = kind
        self.document = document
        """Parsed, limited and validated at the door."""
        self.viewer = viewer
        self.place = place or no_place()
        """What it takes of all that may be in flight."""
        self.seen = ""
        """The id of the event that a client which comes back has seen last, as its connection says by itself."""
        self.event: str | None = None
        """The id of the event that the newest result tells; whoever comes back says that it has seen it."""

    @property
    def db(self) -> Database:
        """The store, no further than the viewer's own rows."""
        if self._db is None:
            self._db = self._server.db.within(self.viewer.scope)
        return self._db

    @property
    def loaders(self) -> Loaders:
        if self._loaders is None:
            # What a mutation or an event has changed must be read anew, so only a query remembers what it loaded.
            remember = self.kind is OperationType.QUERY
            self._loaders = Loaders(self.db, self.observe, self.by, remember=remember)
            if self._is_over:
                self._loaders.stop()
        return self._loaders

    @property
    def searcher(self) -> Searcher:
        """Finds what the viewer may find."""
        return self._server.searcher.within(self.db, self.by)

    @property
    def running(self) -> Running:
        return self._server.running

    @property
    def feeds(self) -> Feeds:
        return self._server.feeds

    @property
    def changes(self) -> Changes:
        return self._server.changes

    @property
    def rates(self) -> Rates:
        return self._server.rates

    @property
    def settings(self) -> Settings:
        return self._server.settings

    @property
    def models(self) -> Mapping[str, Model]:
        return self._server.models

    @property
    def embedder(self) -> Embedder | None:
        return self._server.embedder

    @property
    def observe(self) -> Observer:
        return self._server.observe

    @property
    def retrievals(self) -> Recent:
        """How long it has taken lately to find what is known about users."""
        return self._server.retrievals

    async def finished(self, response: Response) -> Response:
        """Waits for the last state of a response."""
        return await self._server.finished(self.db, response)

    def spent(self, cost: int) -> Spent:
        """What it has taken until now, for a charge of `cost`."""
        if self._db is None:
            return Spent(cost)
        db = self._db
        if not (db.statements or db.waited):
            return Spent(cost)
        database_ms, waited_ms = in_milliseconds(db.seconds), in_milliseconds(db.waited)
        return Spent(cost, db.statements, database_ms, waited_ms)

    def begin_anew(self) -> None:
        """Forget what was loaded, and give up what still is."""
        if self._loaders is not None:
            self._loaders.stop()
            self._loaders = None

    def close(self) -> None:
        """The operation is over: what it still loads nobody waits for."""
        self._is_over = True
        if self._loaders is not None:
            self._loaders.stop()
