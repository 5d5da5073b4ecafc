"""The command line: `contextql`, or `python -m api`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry

from api import app, audit, database, keys
from api.allowed import limits, tuning
from api.carry import commands as carry
from api.console import reached_database, read_settings, ready_database, refuse
from api.doctor import commands as doctor
from api.door.trusted import BadManifest
from api.erase import erase_one
from api.listen import listen
from api.models import Model, Unreachable
from api.models.embedder import Embedders
from api.own_key import OwnKey, first_key
from api.rates import Unusable, require_usable
from api.schema.graph import graph
from api.seed import answer_all, seed_all
from api.served import Served
from api.server import access
from api.settings import Settings
from api.telemetry.logs import configure
from api.telemetry.metrics import Metrics
from api.telemetry.metrics import port as metrics_at
from api.telemetry.metrics.shared import of_all, shared_folder
from api.telemetry.tracing import Tracing, Untraceable, tracing_to
from api.viewer import LOCAL
from api.workers import NotServing, listen_together
from db import migration
from db.errors import Contended, Missing
from db.pool import opened

cli = typer.Typer(
    help="A GraphQL server for what an AI application knows about its users.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(carry.cli)
cli.add_typer(audit.cli)
cli.add_typer(doctor.cli)
cli.add_typer(database.cli)
cli.add_typer(keys.cli, name="keys")

Host = Annotated[str | None, typer.Option(help="Address to listen on; overrides CONTEXTQL_HOST.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on; overrides CONTEXTQL_PORT.")]
WorkersWanted = Annotated[
    int | None, typer.Option("--workers", help="Processes that serve; overrides CONTEXTQL_WORKERS.")
]
User = Annotated[str, typer.Option(help="The external id of the user.")]
Yes = Annotated[bool, typer.Option("--yes", help="Erase for good instead of only counting.")]
To = Annotated[str, typer.Option(help="The revision to bring the tables to.")]


@cli.command(epilog="Example: contextql serve --port 8123")
def serve(host: Host = None, port: Port = None, workers: WorkersWanted = None) -> None:
    """Serve GraphQL and GraphiQL until Ctrl-C; without a database URL, on the embedded PostgreSQL."""
    settings = read_settings(host=host, port=port, workers=workers)
    tracing = traced(settings)
    models = reached_models(settings, tracing)
    require_summary_model(settings, models)
    embedders = reached_embedders(settings, tracing)
    require_redis(settings)
    configure(settings.log_format)
    with ready_database(settings) as database_url:
        own = asyncio.run(first_key(settings, database_url))
        metrics = Metrics(app.known_models(settings, models))
        with fit_documents():
            served = app.create_app(
                settings,
                database_url,
                models=models,
                embedders=embedders,
                own_key=own.key if own else None,
                metrics=metrics,
                tracing=tracing,
            )
        if settings.workers > 1:
            serve_together(settings, database_url, own)
        else:
            with metrics_port(settings, metrics.scraped) as url:
                listen(served, settings, own, url)


@cli.command(
    epilog="Example: CONTEXTQL_DATABASE_URL=postgresql://localhost/contextql contextql migrate"
)
def migrate(to: To = "head") -> None:
    """Bring the tables of the database to what this version needs."""
    with reached_database(read_settings()) as database_url:
        migration.upgrade(database_url, to)
    typer.echo("The tables are up to date." if to == "head" else f"The tables are at {to}.")


@cli.command(epilog="Example: contextql schema > schema.graphql")
def schema() -> None:
    """Print the schema in GraphQL's schema definition language."""
    typer.echo(graph().as_str())


@cli.command(epilog="Example: contextql seed")
def seed() -> None:
    """Store a few users with knowledge, conversations and answers to look at. Repeating it adds nothing."""
    settings = read_settings()
    with ready_database(settings) as database_url:

        async def sow() -> None:
            async with opened(access(settings, database_url)) as db:
                await seed_all(db)
                await answer_all(db, tuning(settings), limits(settings))

        asyncio.run(sow())


@cli.command(epilog="Example: contextql erase --user ada --yes")
def erase(user: User, yes: Yes = False) -> None:
    """Erase a user and all that is theirs, for good. Without --yes it is only counted."""
    settings = read_settings()
    with ready_database(settings) as database_url:

        async def rub_out() -> None:
            async with opened(access(settings, database_url)) as db:
                await erase_one(db.within(LOCAL.scope), user, for_good=yes)

        try:
            asyncio.run(rub_out())
        except Missing:
            refuse(f"there is no user {user!r}.")
        except Contended:
            refuse("others never ceased to write for this user; nothing was erased, try again.")


def serve_together(settings: Settings, database_url: str, own: OwnKey | None) -> None:
    """Serve in several processes, which make the application anew; what is wrong with it was seen here."""
    with shared_folder() as folder, metrics_port(settings, of_all(folder)) as url:
        made = Served(settings, database_url, own.key if own else None, folder)
        try:
            listen_together(made, settings, own, folder, url)
        except NotServing:
            refuse("the processes could not begin to serve; see above why.")


@contextmanager
def metrics_port(settings: Settings, scraped: CollectorRegistry) -> Iterator[str | None]:
    """Serve the metrics at the port of the settings, if there is one. One that is taken ends the program."""
    try:
        with metrics_at.served(settings.metrics_host, settings.metrics_port, scraped) as url:
            yield url
    except metrics_at.PortTaken as error:
        refuse(f"CONTEXTQL_METRICS_PORT: nothing can listen at {settings.metrics_port}: {error}.")


@contextmanager
def fit_documents() -> Iterator[None]:
    """Trusted documents that do not fit the graph end the program, with one line each."""
    try:
        yield
    except BadManifest as error:
        refuse(*(f"CONTEXTQL_TRUSTED_DOCUMENTS: {problem}" for problem in error.problems))


def traced(settings: Settings) -> Tracing | None:
    """What sends traces, if the settings say where to. What it misses ends the program."""
    try:
        return tracing_to(settings.otlp_endpoint, settings.trace_sample)
    except Untraceable as error:
        refuse(f"CONTEXTQL_OTLP_ENDPOINT: {error}")


def reached_models(settings: Settings, tracing: Tracing | None) -> dict[str, Model]:
    """The models that the settings name, by name. One that cannot be reached ends the program."""
    try:
        return app.reached_models(settings, tracing)
    except Unreachable as error:
        named = {
            "CONTEXTQL_MODEL": [settings.model],
            "CONTEXTQL_MODELS": settings.models,
            "CONTEXTQL_FALLBACK_MODELS": settings.fallback_models,
        }
        refuse(f"{next(one for one in named if error.name in named[one])}: {error}")


def require_summary_model(settings: Settings, models: Mapping[str, Model]) -> None:
    """End the program if none of the models is the one that is to summarise."""
    name = settings.summary_model
    if name and name not in models:
        refuse(f"CONTEXTQL_SUMMARY_MODEL: there is no model {name!r}; add it to CONTEXTQL_MODELS.")


def reached_embedders(settings: Settings, tracing: Tracing | None) -> Embedders:
    """The embedding models that the settings name. One that cannot be reached ends the program."""
    try:
        return app.reached_embedders(settings, tracing)
    except Unreachable as error:
        serving = error.name == settings.embedding_model
        refuse(f"CONTEXTQL_{'' if serving else 'NEXT_'}EMBEDDING_MODEL: {error}")


def require_redis(settings: Settings) -> None:
    """End the program if the Redis of the settings cannot be spoken to."""
    try:
        if settings.redis_url:
            require_usable(settings.redis_url.get_secret_value())
    except Unusable as error:
        refuse(f"CONTEXTQL_REDIS_URL {error}.")


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
