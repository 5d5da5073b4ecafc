"""What is said of cost and limits over a real socket: in the answer, in the headers, and when it is too much."""

from __future__ import annotations

import asyncio
import json
import re
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from api.observe import Fact, LimitHit, OperationEnded
from tests.credential import AUTHORIZED
from tests.door.conftest import Served, url_of
from tests.waiting import until

UPSERT = 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'
"""Costs eleven, and takes all of it."""

PAGE = '{ user(by: { externalId: "ada" }) { contexts { edges { node { id } } } } }'
"""Costs at most 21."""

HOUR = 3600


async def post(client: httpx.AsyncClient, query: str) -> httpx.Response:
    return await client.post("/graphql", json={"query": query})


def cost(response: httpx.Response) -> dict[str, Any]:
    told: dict[str, Any] = response.json()["extensions"]["cost"]
    return told


async def test_an_answer_says_what_it_could_cost_what_it_has_cost_and_what_is_left(
    served: Served,
) -> None:
    async with served(service_rate_limit=1000, rate_window=HOUR) as client:
        written, read = await post(client, UPSERT), await post(client, PAGE)
    assert cost(written)["requested"] == cost(written)["actual"] == 11
    told = cost(read)
    assert (told["requested"], told["actual"], told["maximum"]) == (21, 1, 25_000)
    assert told["rate"]["limit"] == 1000
    assert told["rate"]["remaining"] == 1000 - 11 - 1
    ends = datetime.fromisoformat(told["rate"]["resetAt"])
    assert ends.timestamp() % HOUR == 0
    assert read.headers["RateLimit-Policy"] == '"cost";q=1000;w=3600'
    left = re.fullmatch(r'"cost";r=988;t=(\d+)', read.headers["RateLimit"])
    assert left
    assert abs(int(left[1]) - (ends - datetime.now(UTC)).total_seconds()) < 60


async def test_an_answer_with_errors_gives_nothing_back(served: Served) -> None:
    async with served(service_rate_limit=1000, rate_window=HOUR) as client:
        assert (await post(client, UPSERT)).status_code == 200
        wrong = PAGE.replace("contexts", 'contexts(after: "nonsense")')
        response = await post(client, wrong)
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert (cost(response)["actual"], cost(response)["rate"]["remaining"]) == (21, 1000 - 11 - 21)


async def test_without_a_limit_nothing_is_said_of_one(served: Served) -> None:
    async with served(service_rate_limit=0) as client:
        response = await post(client, "{ __typename }")
    assert cost(response) == {"requested": 1, "actual": 1, "maximum": 25_000}
    assert not [name for name in response.headers if name.startswith("ratelimit")]


async def test_what_is_too_much_is_429_with_the_moment_to_ask_again(
    served: Served, facts: list[Fact]
) -> None:
    async with served(service_rate_limit=20, rate_window=HOUR) as client:
        assert (await post(client, UPSERT)).status_code == 200
        refused = await post(client, UPSERT)
        # What fits is still answered: the refused one has taken nothing.
        small = await post(client, "{ __typename }")
        too_large = await post(client, PAGE)
    assert refused.status_code == 429
    assert refused.json().keys() == {"errors"}
    (error,) = refused.json()["errors"]
    assert "may cost 11, and 9 of 20 are left" in error["message"]
    told = error["extensions"]
    assert (told["code"], told["limit"], told["remaining"]) == ("RATE_LIMITED", 20, 9)
    seconds = int(refused.headers["Retry-After"])
    ends = datetime.fromisoformat(told["resetAt"])
    assert abs(seconds - (ends - datetime.now(UTC)).total_seconds()) < 60
    assert refused.headers["RateLimit"] == f'"cost";r=9;t={seconds}'
    assert cost(small)["rate"]["remaining"] == 8
    # No waiting would help the one that is larger than the limit.
    assert too_large.json()["errors"][0]["extensions"]["code"] == "OPERATION_TOO_COSTLY"
    ended = [fact.codes for fact in facts if isinstance(fact, OperationEnded)]
    assert ended == [(), ("RATE_LIMITED",), (), ("OPERATION_TOO_COSTLY",)]
    assert facts.count(LimitHit("cost")) == 2


async def test_after_the_reset_there_is_as_much_as_before(served: Served) -> None:
    async with served(service_rate_limit=11, rate_window=2) as client:
        while (refused := await post(client, UPSERT)).status_code == 200:
            pass
        assert refused.status_code == 429
        ends = datetime.fromisoformat(refused.json()["errors"][0]["extensions"]["resetAt"])
        assert 1 <= int(refused.headers["Retry-After"]) <= 2
        await until(lambda: time.time() > ends.timestamp())
        assert (await post(client, UPSERT)).status_code == 200


async def test_live_transports_say_it_as_an_error(served: Served) -> None:
    async with served(service_rate_limit=20, rate_window=HOUR) as client:
        events = {"Accept": "text/event-stream"}
        first = await client.post("/graphql", json={"query": UPSERT}, headers=events)
        told = json.loads(re.findall(r"^data: (.+)$", first.text, re.MULTILINE)[0])
        assert told["extensions"]["cost"]["actual"] == 11
        second = await client.post("/graphql", json={"query": UPSERT}, headers=events)
        assert '"code":"RATE_LIMITED"' in second.text
        assert "event: complete" in second.text
        url = url_of(client).replace("http", "ws") + "/graphql"
        socket = WebsocketsTransport(url, init_payload=AUTHORIZED)
        async with Client(transport=socket) as session:
            with pytest.raises(TransportQueryError) as refused:
                await session.execute(gql(UPSERT))
    assert refused.value.errors
    assert refused.value.errors[0]["extensions"]["remaining"] == 9


@pytest.mark.whole_pool
async def test_many_at_once_are_admitted_no_further_than_the_limit(served: Served) -> None:
    async with served(service_rate_limit=110, rate_window=HOUR) as client:
        answers = await asyncio.gather(*(post(client, UPSERT) for _ in range(30)))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (10, 20)
