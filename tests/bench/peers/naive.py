"""A GraphQL server as one writes it in Python: Strawberry, a dataloader for each edge, asyncpg; served by uvicorn."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response as HttpResponse
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

from tests.bench.peers.naive_graph import Query
from tests.bench.peers.naive_loaders import Loaders
from tests.bench.peers.naive_writing import Mutation

schema = strawberry.Schema(query=Query, mutation=Mutation)


class Graph(GraphQL[Any, None]):
    """The application at `/graphql`; each request has loaders of its own."""

    async def get_context(
        self, request: Request | WebSocket, response: HttpResponse | WebSocket
    ) -> Any:
        pool = request.app.state.pool
        return {"pool": pool, "loaders": Loaders(pool)}


async def _prepare(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: orjson.dumps(value).decode(),
        decoder=orjson.loads,
    )


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=1, max_size=8, init=_prepare
    ) as pool:
        app.state.pool = pool
        yield


app = Starlette(lifespan=lifespan, routes=[Route("/graphql", Graph(schema, graphql_ide=None))])
