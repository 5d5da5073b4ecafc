"""`make bench`: what live responses cost, with the server, the database and the viewers in processes of their own.

200 viewers over WebSockets follow 20 responses, each of which says 50 words a second for 20 seconds. The delay of an
event is from the moment its row is written, by the clock of the database, to the moment a viewer has it; both run on
this machine. Time to the first event is held against the model's own generator in a bare loop.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import asyncpg
import httpx
import psutil
from websockets.asyncio.client import ClientConnection, connect

from api.models import Prompt
from db import migration
from db.embedded import embedded
from tests.credential import AUTHORIZED, let_in
from tests.processes import paced_server
from tests.responding import START
from tests.scripted import Paced, counted, paced

RESPONSES = 20
VIEWERS_EACH = 10
WORDS_A_SECOND = 50
SECONDS = 20
VIEWER_PROCESSES = 2
ROUNDS = 50

FOLLOW = """subscription($id: ID!) { responseEvents(id: $id) {
  __typename
  ... on ResponseStarted { seq } ... on ResponseDelta { seq text }
  ... on ResponseCompleted { seq } ... on ResponseFailed { seq }
} }"""

RECORD = """
create table stored (response_id uuid, seq int, at timestamptz default clock_timestamp());
create function record() returns trigger language plpgsql as $$
begin insert into stored (response_id, seq) values (new.response_id, new.seq); return new; end $$;
create trigger record after insert on response_events for each row execute function record();
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one viewer saw of the response with this number: seconds since the epoch for each event, and the text."""

    response: int
    at: dict[int, float]
    text: str


async def socket_to(address: str) -> ClientConnection:
    protocol: Any = "graphql-transport-ws"
    socket = await connect(
        address.replace("http://", "ws://") + "/graphql", subprotocols=[protocol]
    )
    await socket.send(json.dumps({"type": "connection_init", "payload": AUTHORIZED}))
    await socket.recv()
    return socket


async def view(address: str, number: int, id: str) -> Seen:
    socket = await socket_to(address)
    asked = {"query": FOLLOW, "variables": {"id": id}}
    await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": asked}))
    at: dict[int, float] = {}
    text = ""
    async for frame in socket:
        now = time.time()
        message = json.loads(frame)
        if message["type"] == "complete":
            break
        event = message["payload"]["data"]["responseEvents"]
        assert event["seq"] not in at
        at[event["seq"]] = now
        text += event.get("text", "")
    await socket.close()
    return Seen(number, at, text)


def viewers(address: str, ids: Sequence[str], each: int) -> list[Seen]:
    """The viewers of one process."""

    async def all_of_them() -> list[Seen]:
        return await asyncio.gather(
            *(view(address, number, id) for number, id in enumerate(ids) for _ in range(each))
        )

    return asyncio.run(all_of_them())


async def started(client: httpx.AsyncClient, address: str, name: str, message: str) -> str:
    async def asked(query: str, **variables: Any) -> Any:
        answer = await client.post(
            f"{address}/graphql", json={"query": query, "variables": variables}
        )
        return answer.json()["data"]

    upsert = "mutation($n: String!) { upsertUser(input: { externalId: $n }) { user { id } } }"
    user = (await asked(upsert, n=name))["upsertUser"]["user"]["id"]
    start = await asked(START, input={"userId": user, "message": message})
    return str(start["startResponse"]["response"]["id"])


async def crowd(address: str, database_url: str, server: psutil.Process) -> None:
    resting = server.memory_info().rss
    spent = sum(server.cpu_times()[:2])
    loop = asyncio.get_running_loop()
    message = paced(WORDS_A_SECOND * SECONDS, 1 / WORDS_A_SECOND)
    async with httpx.AsyncClient(headers=AUTHORIZED, timeout=30) as client:
        ids = [await started(client, address, f"user {n}", message) for n in range(RESPONSES)]
        began = time.time()
        with ProcessPoolExecutor(VIEWER_PROCESSES, get_context("spawn")) as processes:
            each = VIEWERS_EACH // VIEWER_PROCESSES
            watching = [
                loop.run_in_executor(processes, viewers, address, ids, each)
                for _ in range(VIEWER_PROCESSES)
            ]
            await asyncio.sleep(SECONDS - 3)
            full = server.memory_info().rss
            seen = [one for some in await asyncio.gather(*watching) for one in some]
        spent = sum(server.cpu_times()[:2]) - spent
    whole = counted(WORDS_A_SECOND * SECONDS)
    assert all(
        one.text == whole and sorted(one.at) == list(range(1, len(one.at) + 1)) for one in seen
    )
    stored = await stored_at(database_url)
    # What was stored before a viewer had come was not told live; the last event has no row of its own.
    came = {id(one): min(one.at.values()) for one in seen}
    order = await order_of(database_url)
    delays = sorted(
        at - stored[order[one.response], seq]
        for one in seen
        for seq, at in one.at.items()
        if stored.get((order[one.response], seq), 0) > came[id(one)]
    )
    first, last = min(came.values()), max(at for one in seen for at in one.at.values())
    percent = quantiles(delays, n=100)
    delivered = sum(len(one.at) for one in seen)
    print(f"viewers                     {len(seen)} of {RESPONSES} responses, every text whole")
    print(f"events delivered            {delivered}, {delivered / (last - first):.0f} a second")
    print(
        f"delay from store to viewer  p50 {percent[49] * 1000:.1f} ms, p95 {percent[94] * 1000:.1f} ms, "
        f"p99 {percent[98] * 1000:.1f} ms ({len(delays)} events)"
    )
    print(f"server CPU                  {spent / (last - began):.0%} of one core")
    print(
        f"server memory               {resting / 1e6:.0f} MB at rest, {full / 1e6:.0f} MB with all viewers, "
        f"{server.memory_info().rss / 1e6:.0f} MB after"
    )


async def stored_at(database_url: str) -> dict[tuple[Any, int], float]:
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(
        "select response_id, seq, extract(epoch from at)::float8 from stored"
    )
    await connection.close()
    return {(id, seq): at for id, seq, at in rows}


async def order_of(database_url: str) -> list[Any]:
    """The ids of the responses as they were started."""
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch("select id from responses order by created_at")
    await connection.close()
    return [row[0] for row in rows]


async def first_events(address: str) -> None:
    bare, served = [], []
    prompt = Prompt(messages=(), sources=(), message=paced(1, 0))
    async with httpx.AsyncClient(headers=AUTHORIZED, timeout=30) as client:
        socket = await socket_to(address)
        for number in range(ROUNDS):
            began = time.perf_counter()
            async for _ in Paced().stream(prompt):
                break
            bare.append(time.perf_counter() - began)
            name = f"first {number}"
            id = await started(client, address, name, paced(1, 0))
            await drain(socket, f"warm {number}", id)
            served.append(await first_event(client, socket, address, name))
        await socket.close()
    print(f"bare generator, first word  {median(bare) * 1000:.2f} ms (median of {ROUNDS})")
    print(
        f"first word over the server  {median(one for one, _ in served) * 1000:.1f} ms from startResponse, "
        f"of which {median(two for _, two in served) * 1000:.1f} ms from its answer to the word"
    )


async def first_event(
    client: httpx.AsyncClient, socket: ClientConnection, address: str, name: str
) -> tuple[float, float]:
    """Seconds from asking, and from having the id, to the first word."""
    upsert = "mutation($n: String!) { upsertUser(input: { externalId: $n }) { user { id } } }"
    made = await client.post(f"{address}/graphql", json={"query": upsert, "variables": {"n": name}})
    wish = {"userId": made.json()["data"]["upsertUser"]["user"]["id"], "message": paced(1, 0)}
    began = time.perf_counter()
    answer = await client.post(
        f"{address}/graphql", json={"query": START, "variables": {"input": wish}}
    )
    id = answer.json()["data"]["startResponse"]["response"]["id"]
    known = time.perf_counter()
    heard = await drain(socket, name, id)
    return heard - began, heard - known


async def drain(socket: ClientConnection, name: str, id: str) -> float:
    """Follow to the end; when the first word came."""
    asked = {"query": FOLLOW, "variables": {"id": id}}
    await socket.send(json.dumps({"type": "subscribe", "id": name, "payload": asked}))
    heard = 0.0
    async for frame in socket:
        message = json.loads(frame)
        if message["type"] == "complete":
            break
        if not heard and "text" in message["payload"]["data"]["responseEvents"]:
            heard = time.perf_counter()
    return heard


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        # The server of the database may run as another user, who must be able to reach it.
        Path(folder).chmod(0o755)
        with embedded(Path(folder)) as postgres:
            migration.upgrade(postgres.url)
            asyncio.run(let_in(postgres.url))
            asyncio.run(prepare(postgres.url))
            with paced_server(postgres.url, LOG_FORMAT="json") as server:
                asyncio.run(first_events(server.address))
            asyncio.run(forget(postgres.url))
            with paced_server(postgres.url, LOG_FORMAT="json") as server:
                process = psutil.Process(server.process.pid)
                asyncio.run(crowd(server.address, postgres.url, process))


async def prepare(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute(RECORD)
    await connection.close()


async def forget(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("truncate users, stored cascade")
    await connection.close()


if __name__ == "__main__":
    main()
