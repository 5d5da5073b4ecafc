"""`make bench`, on observing: what log lines and metrics take of the plain read, over HTTP's own path in one process.

The same read, a user with twenty contexts, is asked by turns of applications that differ in who observes them; all on
one embedded PostgreSQL. `SECONDS=20` is how long each is asked in all.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

import orjson
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message

from api.app import app_on
from api.models import MODELS
from api.observe import Observer, unseen
from api.observe.soon import soon
from api.settings import Settings
from api.telemetry.logs import Logs, configure
from api.telemetry.metrics import Metrics
from db import context_writes, migration, users
from db.embedded import embedded
from db.pool import Access, opened
from tests.credential import KEY, let_in
from tests.making import knowledge

SECONDS = float(os.environ.get("SECONDS", "20"))
TURN = 0.25
AT_ONCE = 8

QUERY = """query Read { user(by: { externalId: "ada" }) {
  id contexts(first: 20) {
    edges { cursor node { id contextType content metadata createdAt updatedAt version } }
    pageInfo { hasNextPage } } } }"""

READ = orjson.dumps({"query": QUERY})


def observers() -> dict[str, Observer]:
    """Who observes: nobody, the log, and the log with the metrics, as `contextql serve` has it."""
    return {
        "nobody": unseen,
        "the log": Logs(slow=60),
        "the log and the metrics": soon(Logs(slow=60), Metrics()),
    }


async def asked(app: ASGIApp, state: dict[str, object], body: bytes = READ) -> bytes:
    """The answer of the application, as uvicorn would have asked."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "headers": [
            (b"host", b"127.0.0.1"),
            (b"content-type", b"application/json"),
            (b"authorization", f"Bearer {KEY}".encode()),
        ],
        "state": state,
    }
    said: list[bytes] = []
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        said.append(message.get("body", b""))

    await app(scope, receive, send)
    return b"".join(said)


async def turn(app: Starlette, state: dict[str, object]) -> float:
    """Answers a second, with eight asking at once."""
    began = time.perf_counter()
    until, count = began + TURN, 0

    async def ask() -> None:
        nonlocal count
        while time.perf_counter() < until:
            await asked(app, state)
            count += 1

    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - began)


@asynccontextmanager
async def living(app: Starlette) -> AsyncIterator[dict[str, object]]:
    """The state that the lifespan of the application gives."""
    async with app.router.lifespan_context(app) as state:
        yield dict(state or {})


async def filled(url: str) -> None:
    async with opened(Access(url=url)) as db:
        user = await users.upsert(db, "ada")
        await context_writes.create_many(
            db, user.id, [knowledge(f"Fact {number} about tea.") for number in range(100)]
        )


async def measured(url: str, who: Mapping[str, Observer]) -> dict[str, list[float]]:
    """By turns, so that a busy moment strikes all alike."""
    settings = Settings(_env_file=None, service_rate_limit=0)
    rates: dict[str, list[float]] = {name: [] for name in who}
    async with AsyncExitStack() as stack:
        served = {}
        for name, observe in who.items():
            app = app_on(settings, Access(url=url), models=MODELS, observe=observe)
            served[name] = app, await stack.enter_async_context(living(app))
        for app, state in served.values():
            assert b'"hasNextPage":true' in await asked(app, state)
            await turn(app, state)
        for _ in range(round(SECONDS / TURN)):
            for name, (app, state) in served.items():
                rates[name].append(await turn(app, state))
    return rates


def main() -> None:
    with Path(os.devnull).open("w") as nowhere, tempfile.TemporaryDirectory(prefix="cql") as folder:
        configure("json", nowhere)
        with embedded(Path(folder)) as server:
            migration.upgrade(server.url)
            asyncio.run(let_in(server.url))
            asyncio.run(filled(server.url))
            rates = asyncio.run(measured(server.url, observers()))
    alone = rates["nobody"]
    for name, some in rates.items():
        kept = median(one / other for one, other in zip(some, alone, strict=True))
        print(f"observed by {name:<26} {median(some):6.0f} a second   {kept:6.1%}")


if __name__ == "__main__":
    main()
