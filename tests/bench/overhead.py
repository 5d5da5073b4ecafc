"""`make bench`, on what surrounds the execution: CPU time of `{ __typename }` from the ASGI scope to the last byte.

With credentials and limits as `contextql serve` has them; by turns of applications that differ in who observes them.
`SECONDS=10` is how long each is asked in all.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

import orjson
import uvloop
from starlette.types import ASGIApp

from api.app import app_on
from api.models import MODELS
from api.observe import Observer
from api.settings import Settings
from api.telemetry.logs import configure
from db import migration
from db.embedded import embedded
from db.pool import Access
from tests.bench.observing import asked, living, observers
from tests.credential import let_in

SECONDS = float(os.environ.get("SECONDS", "10"))
AT_A_TIME = 200

QUERY = orjson.dumps({"query": "{ __typename }"})


async def turn(app: ASGIApp, state: dict[str, object]) -> float:
    """Microseconds of CPU for one request, one after the other."""
    began = time.process_time()
    for _ in range(AT_A_TIME):
        await asked(app, state, QUERY)
        # What is observed of it is told in the next turn of the loop.
        await asyncio.sleep(0)
    return (time.process_time() - began) / AT_A_TIME * 1_000_000


async def measured(url: str, who: Mapping[str, Observer]) -> dict[str, list[float]]:
    """By turns, so that a busy moment strikes all alike."""
    settings = Settings(_env_file=None, service_rate_limit=1_000_000_000)
    took: dict[str, list[float]] = {name: [] for name in who}
    async with AsyncExitStack() as stack:
        served = {}
        for name, observe in who.items():
            app = app_on(settings, Access(url=url), models=MODELS, observe=observe)
            served[name] = app, await stack.enter_async_context(living(app))
        for app, state in served.values():
            assert b'"__typename":"Query"' in await asked(app, state, QUERY)
            await turn(app, state)
        until = time.perf_counter() + SECONDS * len(who)
        while time.perf_counter() < until:
            for name, (app, state) in served.items():
                took[name].append(await turn(app, state))
    return took


def main() -> None:
    with Path(os.devnull).open("w") as nowhere, tempfile.TemporaryDirectory(prefix="cql") as folder:
        configure("json", nowhere)
        with embedded(Path(folder)) as server:
            migration.upgrade(server.url)
            asyncio.run(let_in(server.url))
            took = uvloop.run(measured(server.url, observers()))
    for name, some in took.items():
        print(f"{{ __typename }} observed by {name:<26} {median(some):6.0f} µs of CPU")


if __name__ == "__main__":
    main()
