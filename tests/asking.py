"""Asking the graph as the door does, without a socket: prepared, limited, executed, shaped."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import orjson

from api.door.documents import Documents, Prepared, PreparedDocument, Rejected
from api.door.executing import Executing
from api.door.shaping import shaped
from api.models import MODELS, Model
from api.models.embedder import NONE, Embedders
from api.observe import Fact, Faulted
from api.operation import Operation
from api.plan import Planner
from api.schema.graph import Graph, graph
from api.server import Server, started
from api.settings import Settings
from api.viewer import LOCAL, Role, Viewer
from db import users
from db.pool import Access

SETTINGS = Settings(_env_file=None)


@cache
def the_graph() -> Graph:
    return graph([PreparedDocument])


@cache
def the_planner() -> Planner:
    """Plans whatever it can, at once."""
    return Planner(the_graph(), after=0)


@cache
def the_documents() -> Documents:
    return Documents(the_graph()._schema, SETTINGS)


@dataclass(frozen=True, slots=True)
class Asker:
    """A server and the graph in front of it, asked by `viewer`; `facts` is all that was observed.

    `documents` says how large a document may be.
    """

    server: Server
    facts: list[Fact]
    viewer: Viewer = LOCAL
    documents: Documents = field(default_factory=the_documents)

    def seen_by(self, external_id: str) -> Asker:
        """The same, asked with the credential of one user."""
        id = users.id_of(self.server.db, external_id)
        return replace(self, viewer=Viewer(Role.USER, "test", id, external_id))

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer as a client would see it."""
        try:
            prepared = self.documents.prepared(query, None, variables)
        except Rejected as rejected:
            return {"errors": [self._shaped(error) for error in rejected.errors]}
        executing = Executing(the_graph(), the_planner())
        result = await executing.executed(prepared, variables, self._operation(prepared), None)
        errors = [self._shaped(error) for error in result.errors or ()]
        # As a client reads it: what comes written from the store is not yet read.
        data = orjson.loads(orjson.dumps(result.data))
        return {"data": data, **({"errors": errors} if errors else {})}

    async def data(self, query: str, **variables: Any) -> Any:
        """The data of an answer that has to be without errors."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def error(self, query: str, **variables: Any) -> Any:
        """The one error of an answer that has to have one."""
        (error,) = (await self.ask(query, **variables))["errors"]
        return error

    async def refused(self, query: str, **variables: Any) -> str:
        """The code of the one error."""
        return str((await self.error(query, **variables))["extensions"]["code"])

    async def follow(self, query: str, **variables: Any) -> AsyncGenerator[dict[str, Any], None]:
        """What a subscription gives, event by event."""
        prepared = self.documents.prepared(query, None, variables)
        stream = await the_graph().stream(
            query, variable_values=variables, context_value=self._operation(prepared)
        )
        async with aclosing(stream):
            async for result in stream:
                errors = [self._shaped(error) for error in getattr(result, "errors", None) or ()]
                yield {
                    "data": getattr(result, "data", None),
                    **({"errors": errors} if errors else {}),
                }

    @property
    def faults(self) -> list[Faulted]:
        return [fact for fact in self.facts if isinstance(fact, Faulted)]

    def _operation(self, prepared: Prepared) -> Operation:
        return Operation(
            self.server, self.viewer.by("test"), prepared.kind, prepared.document, self.viewer
        )

    def _shaped(self, error: Any) -> dict[str, Any]:
        return shaped(error, "test", self.facts.append)


@asynccontextmanager
async def asking(
    reached: Access,
    models: Mapping[str, Model] = MODELS,
    settings: Settings = SETTINGS,
    embedders: Embedders = NONE,
) -> AsyncIterator[Asker]:
    """A server on the database, with the graph in front of it."""
    facts: list[Fact] = []
    async with started(settings, reached, models, embedders, facts.append) as server:
        yield Asker(server, facts)
