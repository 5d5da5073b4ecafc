"""So many at once and no more: the next hears so at once, and what only waits counts for nothing."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from api.observe import Fact, LimitHit, RequestRefused
from tests.door.conftest import Served, url_of
from tests.door.held import held
from tests.door.sockets import received, send, socket, subscribe
from tests.responding import EVENTS, GENERATE
from tests.scripted import Scripted
from tests.watching import begun_at, frames

COUNT = "{ users { totalCount } }"
NONE = {"users": {"totalCount": 0}}


def count(client: httpx.AsyncClient, **headers: str) -> asyncio.Task[httpx.Response]:
    return asyncio.create_task(client.post("/graphql", json={"query": COUNT}, headers=headers))


@pytest.mark.whole_pool
async def test_one_operation_too_many_is_503_at_once_over_every_transport(
    served: Served, facts: list[Fact], database_url: str
) -> None:
    async with served(max_operations=2) as client, socket(client) as one:
        async with held(database_url, "users") as table:
            two = [count(client), count(client)]
            await table.waited_for(2)
            refused = await count(client)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
            (error,) = refused.json()["errors"]
            assert error["extensions"]["code"] == "SERVICE_UNAVAILABLE"
            await subscribe(one, COUNT)
            message = await received(one)
            assert message["type"] == "error"
            assert message["payload"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
            streamed = await count(client, Accept="text/event-stream")
            assert "SERVICE_UNAVAILABLE" in frames(streamed.text)[0][2]
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.get("/readyz")).status_code == 200
        assert [(await task).json()["data"] for task in two] == [NONE, NONE]
        assert (await count(client)).json()["data"] == NONE
    assert facts.count(LimitHit("operations")) == 3


async def test_who_waits_for_a_model_takes_no_place(served: Served) -> None:
    go_on = asyncio.Event()
    model = Scripted([go_on, "Chess."])
    async with served({"scripted": model}, model="scripted", max_operations=1) as client:
        made = await client.post(
            "/graphql",
            json={"query": 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'},
        )
        user = made.json()["data"]["upsertUser"]["user"]["id"]
        asked = {"query": GENERATE, "variables": {"input": {"userId": user, "message": "?"}}}
        generating = asyncio.create_task(client.post("/graphql", json=asked))
        await model.asked.wait()
        for _ in range(2):
            assert (await count(client)).json()["data"] == {"users": {"totalCount": 1}}
        go_on.set()
        answer = (await generating).json()["data"]["generateResponse"]["response"]
        assert answer["text"] == "Chess."


async def follow(one: ClientConnection, operation: str, response: str) -> None:
    asked = {"query": EVENTS, "variables": {"id": response}}
    await send(one, type="subscribe", id=operation, payload=asked)


async def test_subscriptions_are_counted_apart(served: Served, facts: list[Fact]) -> None:
    models = {"scripted": Scripted([asyncio.Event()])}
    async with (
        served(models, model="scripted", max_operations=1, max_subscriptions=1) as client,
        socket(client) as one,
    ):
        id = await begun_at(url_of(client))
        # This one is refused for its missing variable, which frees its place.
        await subscribe(one, EVENTS)
        await received(one)
        await follow(one, "2", id)
        assert (await received(one))["type"] == "next"
        await follow(one, "3", id)
        message = await received(one)
        assert (message["id"], message["type"]) == ("3", "error")
        assert message["payload"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert (await count(client)).status_code == 200
        await send(one, type="complete", id="2")
        await follow(one, "4", id)
        message = await received(one)
        assert (message["id"], message["type"]) == ("4", "next")
    assert facts.count(LimitHit("subscriptions")) == 1


async def test_one_socket_too_many_is_refused_at_its_handshake(
    served: Served, facts: list[Fact]
) -> None:
    async with served(max_sockets=2) as client:
        async with AsyncExitStack() as stack:
            for _ in range(2):
                await stack.enter_async_context(socket(client))
            with pytest.raises(InvalidStatus) as refused:
                await stack.enter_async_context(socket(client))
            assert refused.value.response.status_code == 503
            assert refused.value.response.headers["Retry-After"] == "1"
            id = refused.value.response.headers["X-Request-ID"]
        async with socket(client) as one:
            await subscribe(one, COUNT)
            assert (await received(one))["payload"]["data"] == NONE
    assert LimitHit("sockets") in facts
    assert RequestRefused(id, "websocket", 503, "SERVICE_UNAVAILABLE") in facts
