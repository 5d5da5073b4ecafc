"""What nobody waits for any more does not go on: after the deadline, and when the client has gone."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.door.conftest import Served
from tests.door.held import Held, held
from tests.door.sockets import received, send, socket, subscribe
from tests.responding import GENERATE
from tests.scripted import Scripted
from tests.waiting import until

COUNT = "{ users { totalCount } }"

LOADED = """{ user(by: { externalId: "ada" }) {
  contexts { edges { node { id } } }
  conversations { edges { node { id } } }
} }"""
"""What goes through dataloaders, two of them at once."""

ANSWERS = """{ user(by: { externalId: "ada" }) { conversations { edges { node {
  responses { edges { node { status text } } }
} } } } }"""

ADA = 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'

POOL = 10


async def ada(client: httpx.AsyncClient) -> str:
    made = await client.post("/graphql", json={"query": ADA})
    return str(made.json()["data"]["upsertUser"]["user"]["id"])


async def the_answer(client: httpx.AsyncClient) -> Any:
    said = await client.post("/graphql", json={"query": ANSWERS})
    talk = said.json()["data"]["user"]["conversations"]["edges"][0]["node"]
    return talk["responses"]["edges"][0]["node"]


async def all_connections_serve(client: httpx.AsyncClient) -> None:
    """As many operations at once as the pool has connections."""
    answers = await asyncio.gather(
        *(client.post("/graphql", json={"query": COUNT}) for _ in range(POOL))
    )
    assert {answer.json()["data"]["users"]["totalCount"] for answer in answers} == {1}


@pytest.mark.parametrize(("query", "table"), [(COUNT, "users"), (LOADED, "contexts")])
@pytest.mark.whole_pool
async def test_after_the_deadline_no_statement_is_left_and_the_pool_is_whole(
    served: Served, database_url: str, query: str, table: str
) -> None:
    async with served(operation_timeout=3) as client:
        await ada(client)
        async with held(database_url, table) as one:
            answers = await asyncio.gather(
                *(client.post("/graphql", json={"query": query}) for _ in range(POOL))
            )
            assert {answer.status_code for answer in answers} == {504}
            await one.left()
        await all_connections_serve(client)


async def leaves_over_http(
    client: httpx.AsyncClient, query: str, table: Held, **headers: str
) -> None:
    asking = asyncio.create_task(
        client.post("/graphql", json={"query": query}, headers=headers, timeout=None)
    )
    await table.waited_for()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def leaves_over_event_stream(client: httpx.AsyncClient, query: str, table: Held) -> None:
    await leaves_over_http(client, query, table, Accept="text/event-stream")


async def leaves_over_websocket(client: httpx.AsyncClient, query: str, table: Held) -> None:
    async with socket(client) as one:
        await subscribe(one, query)
        await table.waited_for()


async def completes_over_websocket(client: httpx.AsyncClient, query: str, table: Held) -> None:
    async with socket(client) as one:
        await subscribe(one, query)
        await table.waited_for()
        await send(one, type="complete", id="1")
        await table.left()
        await send(one, type="ping")
        assert await received(one) == {"type": "pong"}


@pytest.mark.parametrize(
    "leaves",
    [
        leaves_over_http,
        leaves_over_event_stream,
        leaves_over_websocket,
        completes_over_websocket,
    ],
)
@pytest.mark.parametrize(("query", "table"), [(COUNT, "users"), (LOADED, "contexts")])
@pytest.mark.whole_pool
async def test_who_leaves_takes_the_operation_along(
    served: Served, database_url: str, leaves: Any, query: str, table: str
) -> None:
    async with served() as client:
        await ada(client)
        async with held(database_url, table) as one:
            await leaves(client, query, one)
            await one.left()
        await all_connections_serve(client)


async def test_a_response_is_generated_though_the_one_who_asked_has_gone(served: Served) -> None:
    go_on = asyncio.Event()
    model = Scripted([go_on, "Chess."])
    async with served({"scripted": model}, model="scripted") as client:
        asked = {"input": {"userId": await ada(client), "message": "?"}}
        asking = asyncio.create_task(
            client.post("/graphql", json={"query": GENERATE, "variables": asked})
        )
        await model.asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        go_on.set()
        await until(model.over.is_set)

        async with asyncio.timeout(10):
            while (answer := await the_answer(client))["status"] != "COMPLETED":  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert answer["text"] == "Chess."
