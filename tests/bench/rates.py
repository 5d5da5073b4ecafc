"""What measuring and counting an operation costs: `python -m tests.bench.rates`, a few seconds.

How long a known document takes to be prepared, its answer to be tallied, and a take with what is given back; in this
process, and in a Redis beside it where there is one.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from api.rates import Quotas, Rates, counting
from api.telemetry.logs import Logs
from api.viewer import Role, Viewer
from tests.a_redis import a_redis
from tests.asking import the_documents

ROUNDS = 2000

PAGE = """query Page($first: Int) { user(by: { externalId: "ada" }) {
  id name contexts(first: $first) { edges { cursor node { id content user { id } } } pageInfo { hasNextPage } }
} }"""


def answer(size: int) -> dict[str, Any]:
    node = {"id": "x", "content": {"text": "…"}, "user": {"id": "x"}}
    edges = [{"cursor": "c", "node": node} for _ in range(size)]
    contexts = {"edges": edges, "pageInfo": {"hasNextPage": False}}
    return {"user": {"id": "x", "name": "Ada", "contexts": contexts}}


def timed(what: str, act: Callable[[], object]) -> None:
    began = now()
    for _ in range(ROUNDS):
        act()
    say(what, began)


async def timed_async(what: str, act: Callable[[], Awaitable[object]]) -> None:
    began = now()
    for _ in range(ROUNDS):
        await act()
    say(what, began)


def now() -> tuple[float, float]:
    return time.process_time(), time.perf_counter()


def say(what: str, began: tuple[float, float]) -> None:
    computed, passed = (
        (end - begin) / ROUNDS * 1e6 for end, begin in zip(now(), began, strict=True)
    )
    print(f"{what:<56} {computed:6.0f} µs of computing, {passed:6.0f} µs passed")


async def take(where: str, redis_url: str | None) -> None:
    async with counting(redis_url, Logs(slow=1)) as counters:
        rates = Rates(Quotas(10**9, 0, 0), counters)
        for _ in range(10_000 if redis_url is None else 0):
            await rates.take(Viewer(Role.USER, "jwt", uuid4()), 1)
        viewer = Viewer(Role.USER, "jwt", uuid4())

        async def once() -> None:
            if taken := await rates.take(viewer, 20):
                await rates.give_back(taken, 15)

        await timed_async(f"take and give back, {where}", once)


async def main() -> None:
    documents = the_documents()
    prepared = documents.prepared(PAGE, None, {"first": 100})
    timed("prepare a known document", lambda: documents.prepared(PAGE, None, {"first": 100}))
    for size in (10, 100):
        data = answer(size)
        timed(f"tally an answer of {size} edges", lambda data=data: prepared.tally.of(data))  # type: ignore[misc]
    await take("in the process, among 10,000 callers", None)
    with tempfile.TemporaryDirectory(prefix="cql") as folder, a_redis(Path(folder)) as url:
        await take("in a Redis beside it", url)


if __name__ == "__main__":
    asyncio.run(main())
