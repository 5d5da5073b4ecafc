"""One operation, one tree of spans: from the request to the statements, over every transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
from opentelemetry.trace import SpanKind, StatusCode

from api.models import MODELS
from api.observe import Fact, TracesLost
from db.pool import Access
from tests.credential import AUTHORIZED
from tests.door.sockets import received, send, socket, subscribe
from tests.responding import START
from tests.scripted import Scripted
from tests.telemetry.spans import Spans, a_user, ask, told, traced
from tests.waiting import until
from tests.watching import over_event_stream, over_websocket, watched

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
NOT_SAMPLED = f"00-{TRACE}-{PARENT}-00"
HTTP = "POST /graphql"

TWO_LEVELS = """query Home { users(first: 5) { edges { node {
  conversations(first: 2) { edges { node { turns(first: 2) { edges { node { id } } } } } }
} } } }"""

TALK = """mutation($user: ID!) {
  createConversation(input: { userId: $user }) { conversation { id } } }"""

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def spans() -> Spans:
    return Spans()


@pytest.fixture
def serve(reached: Access, spans: Spans) -> Serve:
    """Serves the application with its spans kept. Nothing may be amiss with them in the end."""

    @asynccontextmanager
    async def served(models: Any = MODELS, **knobs: Any) -> AsyncIterator[httpx.AsyncClient]:
        facts: list[Fact] = []
        async with traced(reached, spans.tracing, facts, models, **knobs) as client:
            yield client
        assert not [fact for fact in facts if isinstance(fact, TracesLost)]

    return served


async def test_a_query_is_one_tree_within_the_trace_of_whoever_asks(
    serve: Serve, spans: Spans
) -> None:
    async with serve() as client:
        await ask(client, TALK, user=await a_user(client))
        spans.clear()
        await client.post(
            "/graphql", json={"query": TWO_LEVELS}, headers={"traceparent": TRACEPARENT}
        )
        request = await spans.ended(HTTP)
    assert request.parent
    assert f"{request.parent.span_id:016x}" == PARENT
    assert {f"{span.context.trace_id:032x}" for span in spans.all} == {TRACE}
    operation = spans.one("query")
    assert operation.parent == request.context
    assert spans.tree(operation) == (
        "query",
        [
            ("load users.pages", [("SELECT users", [])]),
            ("load conversations.pages_by_user", [("SELECT users", [])]),
            ("load contexts.turns_by_conversation", [("SELECT conversations", [])]),
        ],
    )
    assert told(operation).items() >= {
        ("graphql.operation.type", "query"),
        ("graphql.operation.name", "Home"),
        ("contextql.transport", "http"),
        ("contextql.principal.kind", "key"),
        ("contextql.statements", 3),
    }
    assert told(operation)["contextql.cost"] > 0
    statement = spans.below(spans.one("load conversations.pages_by_user"))[0]
    assert statement.kind is SpanKind.CLIENT
    assert told(statement)["db.system.name"] == "postgresql"
    assert told(statement)["db.query.text"].startswith("select")
    assert told(request)["http.response.status_code"] == 200


async def test_an_answer_lies_in_the_trace_of_its_mutation_though_it_outlives_it(
    serve: Serve, spans: Spans
) -> None:
    go_on = asyncio.Event()
    model = Scripted(["Chess", go_on, "."])
    async with serve({"scripted": model}, model="scripted") as client:
        user = await a_user(client)
        spans.clear()
        await ask(client, START, input={"userId": user, "message": "What does Ada play?"})
        request = await spans.ended(HTTP)
        await model.asked.wait()
        assert not spans.named("answer")
        go_on.set()
        answer = await spans.ended("answer")
    assert answer.context.trace_id == request.context.trace_id
    assert answer.parent == spans.one("mutation").context
    assert (answer.end_time or 0) > (request.end_time or 0)
    below = [span.name for span in spans.below(answer)]
    assert {"retrieve for grounding", "ask scripted"} <= set(below)
    found = spans.tree(spans.one("retrieve for grounding"))
    assert ("retrieve keyword", [("SELECT contexts", [])]) in found[1]
    # What the model says is stored while it speaks.
    assert "UPDATE responses" in [span.name for span in spans.below(spans.one("ask scripted"))]
    assert told(answer)["contextql.grounding.budget"] == 2000


async def test_a_field_that_fails_says_its_code_and_no_more(serve: Serve, spans: Spans) -> None:
    async with serve() as client:
        await client.post("/graphql", json={"query": '{ user(by: { id: "Narwhal" }) { id } }'})
        operation = await spans.ended("query")
    assert operation.status.status_code is StatusCode.ERROR
    assert operation.status.description == "BAD_USER_INPUT"
    assert told(operation)["contextql.error_codes"] == ("BAD_USER_INPUT",)
    assert "Narwhal" not in spans.text()
    assert not any(span.events for span in spans.all)


async def test_what_never_began_is_said_of_its_request(serve: Serve, spans: Spans) -> None:
    async with serve() as client:
        await client.get("/graphql", params={"query": "{ narwhal }"})
        request = await spans.ended("GET /graphql")
    assert told(request)["contextql.error_codes"] == ("GRAPHQL_VALIDATION_FAILED",)
    assert "narwhal" not in spans.text()


async def test_an_operation_that_is_given_up_is_no_failure(serve: Serve, spans: Spans) -> None:
    go_on = asyncio.Event()
    model = Scripted([go_on])
    generate = START.replace("startResponse", "generateResponse")
    async with serve({"scripted": model}, model="scripted") as client:
        user = await a_user(client)
        spans.clear()
        asking = asyncio.create_task(ask(client, generate, input={"userId": user, "message": "?"}))
        await model.asked.wait()
        asking.cancel()
        operation = await spans.ended("mutation")
        assert told(operation)["contextql.given_up"] is True
        assert operation.status.status_code is StatusCode.UNSET
        # Nobody waits any more, but the work goes on.
        assert not spans.named("answer")
        go_on.set()
        assert (await spans.ended("answer")).parent == operation.context


@pytest.mark.whole_pool
async def test_many_at_once_are_each_their_own_tree(serve: Serve, spans: Spans) -> None:
    async with serve() as client:
        user = await a_user(client)
        await ask(client, TALK, user=user)
        # From the second time on it is read in another way.
        await ask(client, TWO_LEVELS)
        spans.clear()
        await asyncio.gather(*(ask(client, TWO_LEVELS) for _ in range(20)))
        await until(lambda: len(spans.named(HTTP)) == 20)
    shapes = {str(spans.tree(request)[1][-1]) for request in spans.named(HTTP)}
    assert len(shapes) == 1
    assert len({request.context.trace_id for request in spans.named(HTTP)}) == 20


async def test_each_operation_on_a_websocket_is_a_root(serve: Serve, spans: Spans) -> None:
    async with serve() as client:
        async with socket(client) as one:
            for id in ("1", "2"):
                await subscribe(one, "{ users(first: 1) { totalCount } }", id)
                assert (await received(one))["type"] == "next"
                assert (await received(one))["type"] == "complete"
        await until(lambda: len(spans.named("query")) == 2)
    assert [span.parent for span in spans.named("query")] == [None, None]
    first, second = spans.named("query")
    assert first.context.trace_id != second.context.trace_id
    assert first.kind is SpanKind.SERVER
    assert told(first)["contextql.transport"] == "websocket"
    assert told(first)["contextql.statements"] == 2


async def test_a_socket_may_say_which_trace_it_belongs_to(serve: Serve, spans: Spans) -> None:
    async with serve() as client:
        for said in (TRACEPARENT, "nonsense", 7):
            async with socket(client, init={**AUTHORIZED, "traceparent": said}) as one:
                await subscribe(one, "{ users(first: 1) { totalCount } }")
                assert (await received(one))["type"] == "next"
                assert (await received(one))["type"] == "complete"
        await until(lambda: len(spans.named("query")) == 3)
    named, nonsense, number = spans.named("query")
    assert named.parent
    assert f"{named.context.trace_id:032x}" == TRACE
    assert nonsense.parent is None
    assert number.parent is None


async def test_a_subscription_is_a_span_over_either_transport(serve: Serve, spans: Spans) -> None:
    async with serve() as client:
        url = str(client.base_url).rstrip("/")
        user = await a_user(client)
        started = await ask(client, START, input={"userId": user, "message": "?"})
        id = started["startResponse"]["response"]["id"]
        spans.clear()
        await watched(over_websocket, url, id)
        await spans.ended("subscription")
        await watched(over_event_stream, url, id)
        request = await spans.ended(HTTP)
    on_socket, as_events = spans.named("subscription")
    assert on_socket.parent is None
    assert as_events.parent == request.context
    assert told(as_events)["contextql.transport"] == "sse"


async def test_a_socket_that_completes_an_operation_has_given_it_up(
    serve: Serve, spans: Spans
) -> None:
    go_on = asyncio.Event()
    model = Scripted([go_on])
    async with serve({"scripted": model}, model="scripted") as client:
        user = await a_user(client)
        asked: Any = {"userId": user, "message": "?"}
        spans.clear()
        async with socket(client) as one:
            generate = START.replace("startResponse", "generateResponse")
            await subscribe(one, generate, input=asked)
            await model.asked.wait()
            await send(one, type="complete", id="1")
            operation = await spans.ended("mutation")
    assert told(operation)["contextql.given_up"] is True
    assert told(operation)["contextql.statements"] > 0


async def test_a_trace_that_is_not_sampled_where_it_began_is_not_here(
    serve: Serve, spans: Spans
) -> None:
    async with serve() as client:
        await client.post(
            "/graphql", json={"query": TWO_LEVELS}, headers={"traceparent": NOT_SAMPLED}
        )
        await a_user(client)
        await spans.ended(HTTP)
    assert [span.name for span in spans.named("query")] == []


async def test_what_looks_after_health_has_no_span(serve: Serve, spans: Spans) -> None:
    async with serve() as client:
        for path in ("/healthz", "/readyz", "/", "/nothing"):
            await client.get(path)
        await a_user(client)
        await spans.ended(HTTP)
    assert {span.name for span in spans.all if span.parent is None} == {HTTP}
