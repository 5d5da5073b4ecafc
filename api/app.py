"""Where the parts meet: the graph, the door in front of it, and the server behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from functools import cache, partial
from pathlib import Path

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from api.activity.counting import Counting
from api.door import health
from api.door.caller import Caller
from api.door.console import PATHS, Console
from api.door.credentials import Credentials
from api.door.documents import Prepared, PreparedDocument
from api.door.executing import watched
from api.door.headers import Secured, cross_origin
from api.door.http import Door
from api.door.in_flight import InFlight
from api.door.issuer import IssuerKeys
from api.door.keys import Keys
from api.door.metrics import MetricsForServices
from api.door.pages import BUILT, Assets, Pages
from api.door.refused import refused_response
from api.door.request_id import HEADER, request_id
from api.door.straight import Straight
from api.door.tokens import Terms, Tokens
from api.errors import BadUserInput, NotFound
from api.models import MODELS, Model, Patience, reached
from api.models.embedder import NONE, Embedders
from api.models.reached import hosted_embedders
from api.observe import Observer, to_each
from api.observe.soon import soon
from api.operation import Operation
from api.places import Place
from api.plan import Planner
from api.plan.long_lists import LongLists
from api.schema.graph import Graph, graph
from api.server import Server, access, started
from api.settings import Settings
from api.telemetry.logs import Logs
from api.telemetry.metrics import Metrics
from api.telemetry.tracing import Tracing
from api.upkeep.every import every
from api.upkeep.measure_process import PROCESS_SECONDS, measure_process
from db.errors import StoreError
from db.pool import Access, Database

GRAPHQL = "/graphql"

USES_SECONDS = 60.0
"""How often it is written down when the API keys were used last."""

ISSUER_SECONDS = 300.0
"""How long a key that an issuer has withdrawn may still be taken."""


def create_app(
    settings: Settings,
    database_url: str,
    *,
    models: Mapping[str, Model] = MODELS,
    embedders: Embedders | None = None,
    observe: Observer | None = None,
    own_key: str | None = None,
    tracing: Tracing | None = None,
    metrics: Metrics | None = None,
) -> Starlette:
    """The ASGI application, on a migrated database; `models` are those that may be asked, by name.

    The embedders are those of the settings unless others are given. `own_key` is for GraphiQL on this machine.
    Without `tracing` there are no spans.
    """
    metrics = metrics or Metrics(known_models(settings, models))
    return app_on(
        settings,
        access(settings, database_url),
        models=models,
        embedders=reached_embedders(settings, tracing) if embedders is None else embedders,
        observe=soon(observe or Logs(settings.slow_operation), metrics),
        own_key=own_key,
        tracing=tracing,
        scraped=metrics.scraped if settings.metrics_port is None else None,
    )


def reached_models(settings: Settings, tracing: Tracing | None = None) -> dict[str, Model]:
    """The models that the settings name, by name. Raises `Unreachable`."""
    patience = Patience(
        first=settings.model_first_timeout,
        silence=settings.model_silence_timeout,
        retries=settings.model_retries,
        pause=settings.model_retry_pause,
    )
    return reached(
        [settings.model, *settings.models],
        settings.fallback_models,
        patience,
        tracing.models if tracing else None,
    )


def known_models(settings: Settings, models: Mapping[str, Model] = MODELS) -> set[str]:
    """The names of all models that are ever asked: those, and those of the settings."""
    embedding = (settings.embedding_model, settings.next_embedding_model)
    named = (settings.model, *settings.models, *settings.fallback_models, *embedding)
    return {*models, *(name for name in named if name)}


def reached_embedders(settings: Settings, tracing: Tracing | None = None) -> Embedders:
    """The embedding models that the settings name. Raises `Unreachable`."""
    return hosted_embedders(
        settings.embedding_model,
        settings.next_embedding_model,
        settings.embedding_timeout,
        tracing.models if tracing else None,
    )


@cache
def served_graph() -> Graph:
    """The graph as the door serves it. It knows no settings: every application of a process has the same."""
    return graph([PreparedDocument], LongLists)


def app_on(
    settings: Settings,
    store: Access,
    *,
    models: Mapping[str, Model],
    observe: Observer,
    embedders: Embedders = NONE,
    own_key: str | None = None,
    tracing: Tracing | None = None,
    scraped: CollectorRegistry | None = None,
    built: Path = BUILT,
) -> Starlette:
    """The ASGI application, for who wants to say all about the database connection.

    What is `scraped` is served at `/metrics`. In `built` are the pages that browsers are given.
    """
    counting = Counting()
    watch, observe = observe, to_each(observe, counting, *([tracing.observer] if tracing else []))
    pages = Pages(built, own_key)
    served = served_graph()
    door = Door(
        served, Planner(served, failed=watched(observe)), settings, observe, open_operation, pages
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, object]]:
        async with (
            tracing.running(watch) if tracing else nullcontext(),
            started(settings, store, models, embedders, observe, counting) as server,
            recognising(settings, server.db, observe) as credentials,
            health.looked_after(server) as looked_after,
            every(PROCESS_SECONDS, measuring(server, door.in_flight), "measure_process", observe),
        ):
            yield {"server": server, "credentials": credentials, "health": looked_after}

    graphql = tracing.around(door, GRAPHQL) if tracing else door
    crossing = cross_origin(settings)
    around = [Middleware(Secured), *crossing]
    return Straight(
        (GRAPHQL, graphql),
        # The door says itself what every answer has; what answers a page of another origin does not.
        around if crossing else [],
        lifespan=lifespan,
        exception_handlers={404: nothing_here, 405: no_such_method},
        middleware=around,
        routes=[
            Route("/healthz", health.live),
            Route("/readyz", health.ready),
            *metrics_route(scraped, observe),
            Route(GRAPHQL, graphql),
            WebSocketRoute(GRAPHQL, door),
            *web_routes(settings, built, door),
        ],
    )


def metrics_route(scraped: CollectorRegistry | None, observe: Observer) -> list[Route]:
    if scraped is None:
        return []
    return [Route("/metrics", MetricsForServices(scraped, observe), methods=["GET"])]


def web_routes(settings: Settings, built: Path, door: Door) -> list[BaseRoute]:
    """The pages that are wanted, and the files that they are made of."""
    pages = console_routes(door) if settings.console else [Route("/", to_graphql)]
    if not (settings.console or settings.graphiql):
        return [*pages]
    return [*pages, Mount("/assets", Assets(built))]


def console_routes(door: Door) -> list[Route]:
    console = Console(door)
    return [Route(path, console, methods=["GET"]) for path in PATHS]


def measuring(server: Server, in_flight: InFlight) -> Callable[[], Awaitable[None]]:
    """Measures what there is in this process."""

    def viewers() -> int:
        return len(server.feeds) + len(server.changes)

    running = server.running.__len__
    return partial(measure_process, server.db, in_flight.taken, viewers, running, server.observe)


@asynccontextmanager
async def recognising(
    settings: Settings, db: Database, observe: Observer
) -> AsyncIterator[Credentials]:
    """Within the block, credentials are recognised: keys are noted when used, those of an issuer are kept fresh."""
    keys = Keys(db)
    issuer = IssuerKeys(settings.jwt_jwks_url, observe) if settings.jwt_jwks_url else None
    refreshing = (
        every(ISSUER_SECONDS, issuer.refresh, "refresh", observe) if issuer else nullcontext()
    )
    async with every(USES_SECONDS, keys.note_uses, "note_uses", observe), refreshing:
        yield Credentials(keys, tokens(settings, db, issuer))
    with suppress(StoreError):
        await keys.note_uses()


def tokens(settings: Settings, db: Database, issuer: IssuerKeys | None) -> Tokens | None:
    """The tokens that the settings say are good, if they do."""
    if not settings.takes_tokens:
        return None
    claim = settings.jwt_service_claim
    terms = Terms(
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
        leeway=settings.jwt_leeway,
        service=tuple(claim.split("=", 1)) if claim else None,  # type: ignore[arg-type]  # two, by its pattern
    )
    secret = settings.jwt_secret
    return Tokens(db, terms, secret.get_secret_value() if secret else None, issuer)


def open_operation(caller: Caller, prepared: Prepared, place: Place) -> Operation:
    """The context of one operation; the server is the one that the lifespan has started."""
    return Operation(
        server=caller.scope["state"]["server"],
        by=caller.by,
        kind=prepared.kind,
        document=prepared.document,
        viewer=caller.viewer,
        place=place,
    )


async def nothing_here(request: Request, _: Exception) -> Response:
    """The answer at any other path."""
    there_is = NotFound(f"There is nothing here; GraphQL is at {GRAPHQL}.")
    return refused_response(request_id(request.headers.get(HEADER)), 404, there_is)


async def no_such_method(request: Request, error: Exception) -> Response:
    """The answer to a method that the path does not have; `Allow` says which it has."""
    allow = getattr(error, "headers", None)
    only = BadUserInput("This path is only read; use GET.")
    return refused_response(request_id(request.headers.get(HEADER)), 405, only, allow)


def to_graphql(_: Request) -> Response:
    return RedirectResponse(GRAPHQL)
