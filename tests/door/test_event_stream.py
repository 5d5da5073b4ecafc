"""Promises about GraphQL over Server-Sent Events, kept over a real socket."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from api.observe import Fact, OperationEnded
from api.schema.identity import Kind, global_id
from db.scope import NOBODY
from tests.door.conftest import Served, url_of
from tests.responding import EVENTS
from tests.scripted import Scripted
from tests.waiting import until
from tests.watching import begun_at, frames

EVENT_STREAM = {"Accept": "text/event-stream"}


async def streamed(
    client: httpx.AsyncClient, query: str, headers: dict[str, str] | None = None, **variables: Any
) -> httpx.Response:
    return await client.post(
        "/graphql",
        json={"query": query, "variables": variables},
        headers={**EVENT_STREAM, **(headers or {})},
    )


def told(answer: httpx.Response) -> list[Any]:
    """The payloads of a stream that has to be whole."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    *nexts, end = frames(answer.text)
    assert end == ("complete", "", "")
    assert {kind for kind, _, _ in nexts} <= {"next"}
    return [json.loads(data) for _, _, data in nexts]


async def test_a_response_is_followed_to_its_end_with_ids_to_come_back_to(
    served: Served, facts: list[Fact]
) -> None:
    async with served({"scripted": Scripted(["Che", "ss."])}, model="scripted") as client:
        id = await begun_at(url_of(client))
        answer = await streamed(client, EVENTS, id=id)
        seen = [payload["data"]["responseEvents"] for payload in told(answer)]
        assert "".join(event.get("text", "") for event in seen) == "Chess."
        assert [id for _, id, _ in frames(answer.text)[:-1]] == [str(one["seq"]) for one in seen]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-request-id"]
        again = await streamed(client, EVENTS, {"Last-Event-ID": "2"}, id=id)
        assert told(again) == told(answer)[2:]
        # Whichever of the two is further.
        again = await streamed(client, EVENTS, {"Last-Event-ID": "1"}, id=id, after=3)
        assert told(again) == told(answer)[3:]
    ended = [fact for fact in facts if isinstance(fact, OperationEnded)]
    assert ("sse", "subscription", ()) in [(e.transport, e.kind, e.codes) for e in ended]


async def test_a_browser_follows_with_a_get_as_its_event_source_does(served: Served) -> None:
    async with served({"scripted": Scripted(["Chess."])}, model="scripted") as client:
        id = await begun_at(url_of(client))
        asked = {"query": EVENTS, "variables": json.dumps({"id": id})}
        answer = await client.get("/graphql", params=asked, headers=EVENT_STREAM)
        assert told(answer)[-1]["data"]["responseEvents"]["__typename"] == "ResponseCompleted"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: Int!) { users(first: $n) { totalCount } }", "BAD_USER_INPUT"),
        ('subscription { responseEvents(id: "x") { __typename } }', "BAD_USER_INPUT"),
        ('{ context(id: "x") { id } }', "BAD_USER_INPUT"),
    ],
)
async def test_an_error_is_told_in_the_stream_with_its_code(
    client: httpx.AsyncClient, query: str, code: str
) -> None:
    (payload,) = told(await streamed(client, query))
    (error,) = payload["errors"]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["requestId"]


async def test_queries_and_mutations_may_be_streamed_too(client: httpx.AsyncClient) -> None:
    upsert = 'mutation { upsertUser(input: { externalId: "ada" }) { user { externalId } } }'
    (payload,) = told(await streamed(client, upsert))
    assert payload["data"] == {"upsertUser": {"user": {"externalId": "ada"}}}
    answer = await client.get("/graphql", params={"query": upsert}, headers=EVENT_STREAM)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("text/event-stream", "text/event-stream"),
        ("text/event-stream, multipart/mixed", "text/event-stream"),
        # As urql asks for a query.
        (
            "application/graphql-response+json, application/json, text/event-stream, multipart/mixed",
            "application/graphql-response+json",
        ),
        ("text/event-stream, application/json", "application/json"),
        ("*/*", "application/json"),
    ],
)
async def test_a_query_is_streamed_only_to_who_takes_nothing_else(
    client: httpx.AsyncClient, accept: str, answered: str
) -> None:
    asked = {"query": "{ __typename }"}
    answer = await client.post("/graphql", json=asked, headers={"Accept": accept})
    assert answer.headers["content-type"] == f"{answered}; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "status"),
    [("text/event-stream, application/json", 200), ("application/json", 400), ("*/*", 400)],
)
async def test_a_subscription_is_streamed_to_whoever_can_read_it(
    served: Served, accept: str, status: int
) -> None:
    async with served({"scripted": Scripted(["Chess."])}, model="scripted") as client:
        id = await begun_at(url_of(client))
        answer = await streamed(client, EVENTS, {"Accept": accept}, id=id)
        assert answer.status_code == status
        if status == 400:
            assert "text/event-stream" in answer.json()["errors"][0]["message"]


async def test_the_id_of_a_change_is_none_of_a_response(client: httpx.AsyncClient) -> None:
    id = global_id(Kind.Response, NOBODY, NOBODY)
    (payload,) = told(await streamed(client, EVENTS, {"Last-Event-ID": "a" * 40}, id=id))
    assert payload["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_wrong_last_event_id_is_refused(client: httpx.AsyncClient) -> None:
    answer = await streamed(client, EVENTS, {"Last-Event-ID": "first"}, id="x")
    assert answer.status_code == 400
    assert "Last-Event-ID" in answer.json()["errors"][0]["message"]


async def test_silence_is_filled_with_comments(served: Served) -> None:
    models = {"scripted": Scripted([asyncio.Event()])}
    async with served(models, model="scripted", keep_alive=0.1) as client:
        id = await begun_at(url_of(client))
        asked = {"query": EVENTS, "variables": {"id": id}}
        async with (
            asyncio.timeout(5),
            client.stream("POST", "/graphql", json=asked, headers=EVENT_STREAM) as answer,
        ):
            text = ""
            async for piece in answer.aiter_text():
                text += piece
                if text.count(":\n\n") > 4:
                    break
        assert text.count(":\n\n") > 4
        assert text.startswith(":\n\n")
        assert "\r" not in text


async def test_a_client_that_goes_away_leaves_nothing_behind(served: Served) -> None:
    async with served({"scripted": Scripted(["Che", asyncio.Event()])}, model="scripted") as client:
        id = await begun_at(url_of(client))
        before = len(asyncio.all_tasks())
        asked = {"query": EVENTS, "variables": {"id": id}}
        async with client.stream("POST", "/graphql", json=asked, headers=EVENT_STREAM) as answer:
            async for line in answer.aiter_lines():
                if "Che" in line:
                    break
        await until(lambda: len(asyncio.all_tasks()) <= before)
