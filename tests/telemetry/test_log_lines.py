"""What a server in a process of its own writes: a line for each thing that happened, and nothing that was said."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from io import StringIO
from typing import Any

import httpx
import pytest
import structlog
from websockets.sync.client import connect

from api.app import app_on
from api.models import MODELS
from api.settings import Settings
from api.telemetry.logs import Logs, configure
from db.pool import Access
from tests.credential import AUTHORIZED, KEY
from tests.processes import Serving
from tests.serving import serving

SECRET = "Rumpelstilzchen"


Logging = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
Written = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written() -> Iterator[Written]:
    """The lines that have been written for machines, each as one reads it."""
    stream = StringIO()
    configure("json", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.reset_defaults()


@pytest.fixture
def logging(reached: Access) -> Logging:
    """Serves the application, which logs what it observes, and gives a client with a service key."""

    @asynccontextmanager
    async def serve(slow: float = 60) -> AsyncIterator[httpx.AsyncClient]:
        settings = Settings(_env_file=None, shutdown_grace=0)
        app = app_on(settings, reached, models=MODELS, observe=Logs(slow))
        async with (
            serving(app, settings) as url,
            httpx.AsyncClient(base_url=url, headers=AUTHORIZED, timeout=20) as client,
        ):
            yield client

    return serve


async def asked(client: httpx.AsyncClient, query: str, **variables: Any) -> Any:
    answer = await client.post("/graphql", json={"query": query, "variables": variables})
    return answer.json().get("data")


CREATE = """mutation Tell($user: ID!, $content: JSON!, $type: String!) {
  createContext(input: { userId: $user, contextType: $type, content: $content }) { context { id } } }"""


async def test_each_context_operation_is_a_line_with_its_user_type_operation_and_duration(
    logging: Logging, written: Written
) -> None:
    async with logging() as client:
        user = await asked(
            client, 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'
        )
        owner = user["upsertUser"]["user"]["id"]
        made = await asked(
            client, CREATE, user=owner, type="knowledge", content={"text": "Tea is good."}
        )
        id = made["createContext"]["context"]["id"]
        await asked(
            client,
            """mutation Change($id: ID!) {
              updateContext(input: { id: $id, expectedVersion: 1, content: { text: "Tea!" } }) { context { id } } }""",
            id=id,
        )
        await asked(
            client,
            "mutation ($id: ID!) { deleteContext(input: { id: $id }) { context { id } } }",
            id=id,
        )
        await asked(
            client,
            """mutation ($id: ID!) {
              restoreContext(input: { id: $id, version: 1, expectedVersion: 3 }) { context { id } } }""",
            id=id,
        )
        await asked(
            client,
            """mutation ($user: ID!) {
              setProfile(input: { userId: $user, content: { likes: "tea" } }) { profile { id } } }""",
            user=owner,
        )
        await asked(
            client,
            '{ user(by: { externalId: "ada" }) { search(query: "tea") { edges { score } } } }',
        )
        await asked(
            client, '{ user(by: { externalId: "ada" }) { contexts { edges { node { id } } } } }'
        )
        await asked(
            client,
            """mutation ($user: ID!) {
              generateResponse(input: { userId: $user, message: "tea?" }) { response { text } } }""",
            user=owner,
        )
    there = [line for line in written() if line["event"] == "context"]
    told = [(line["operation"], line.get("context_type")) for line in there]
    for expected in [
        ("create", "knowledge"),
        ("update", "knowledge"),
        ("delete", "knowledge"),
        ("restore", "knowledge"),
        ("update", "profile"),
        ("search", "knowledge,profile"),
        ("read", "knowledge,profile"),
        ("grounding", "knowledge,profile"),
        ("create", "conversation"),
    ]:
        assert expected in told
    for line in there:
        assert len(line["user_id"]) == 36
        assert line["duration_ms"] >= 0
        assert len(line["request_id"]) == 32
        assert line["principal"].startswith("key:")


async def test_each_operation_is_a_line_with_what_it_has_taken(
    logging: Logging, written: Written
) -> None:
    async with logging() as client:
        await asked(client, "query Everybody { users { edges { node { id profile { id } } } } }")
        await asked(client, "{ nothing }")
    first, second = [line for line in written() if line["event"] == "operation"]
    assert first["name"] == "Everybody"
    assert (first["kind"], first["transport"], first["statements"]) == ("query", "http", 1)
    assert first["cost"] >= 1
    assert 0 < first["database_ms"] < first["duration_ms"]
    assert "document" not in first
    assert second["codes"] == ["GRAPHQL_VALIDATION_FAILED"]


async def test_a_slow_operation_is_a_warning_with_the_hash_of_its_text(
    logging: Logging, written: Written
) -> None:
    async with logging(slow=0) as client:
        await asked(client, "{ __typename }")
    (line,) = [line for line in written() if line["event"] == "operation"]
    assert (line["level"], line["slow"]) == ("warning", True)
    assert line["document"] == (
        "sha256:7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b"
    )


async def test_a_request_without_a_credential_is_a_line(logging: Logging, written: Written) -> None:
    async with logging() as client:
        await client.post(
            "/graphql", json={"query": "{ __typename }"}, headers={"Authorization": "none"}
        )
    (line,) = [line for line in written() if line["event"] == "refused"]
    assert (line["status"], line["code"], line["transport"]) == (401, "UNAUTHENTICATED", "http")


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_nothing_that_was_said_or_is_secret_is_ever_in_a_line(
    database_url: str, log_format: str
) -> None:
    server = Serving(DATABASE_URL=database_url, LOG_FORMAT=log_format, SLOW_OPERATION="0.000001")
    try:
        with httpx.Client(base_url=server.address, headers=AUTHORIZED, timeout=20) as client:
            say_secrets_everywhere(client)
        say_them_to_a_socket(server.address)
    finally:
        _, said = server.stopped()
    assert said.count("operation") > 10
    assert SECRET.lower() not in said.lower()
    assert KEY not in said


def ask(client: httpx.Client, query: str, **variables: Any) -> Any:
    answer = client.post("/graphql", json={"query": query, "variables": variables})
    return answer.json().get("data")


def say_secrets_everywhere(client: httpx.Client) -> None:
    user = ask(
        client,
        """mutation Who($secret: String!) {
          upsertUser(input: { externalId: $secret, name: $secret, metadata: { note: "Rumpelstilzchen" } }) {
            user { id } } }""",
        secret=SECRET,
    )
    owner = user["upsertUser"]["user"]["id"]
    for kind, content in (
        ("knowledge", {"text": f"My name is {SECRET}."}),
        ("knowledge", {"wrong": SECRET}),
        ("profile", {SECRET: SECRET}),
        ("diary", {"x": SECRET}),
        ("knowledge", SECRET),
    ):
        ask(client, CREATE, user=owner, type=kind, content=content)
    for document in (
        f'{{ user(by: {{ externalId: "{SECRET}" }}) {{ search(query: "{SECRET}") {{ edges {{ score }} }} }} }}',
        f'{{ user(by: {{ id: "{SECRET}" }}) {{ id }} }}',
        f"{{ {SECRET} }}",
        f'{{ "{SECRET}',
        f'{{ user(by: {{ externalId: "{SECRET}" }}) {{ contexts(after: "{SECRET}") {{ totalCount }} }} }}',
    ):
        ask(client, document)
    ask(
        client,
        """mutation Ask($user: ID!, $message: String!) {
          generateResponse(input: { userId: $user, message: $message, idempotencyKey: $message }) {
            response { text } } }""",
        user=owner,
        message=f"Am I {SECRET}?",
    )
    for headers in ({"Authorization": f"Bearer {SECRET}"}, {"Authorization": SECRET}):
        client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
    client.post(
        "/graphql",
        content=f'{{"query": "{SECRET}'.encode(),
        headers={"Content-Type": "application/json"},
    )
    client.get("/graphql", params={"query": f'{{ node(id: "{SECRET}") {{ id }} }}'})
    client.get(f"/{SECRET}")


def say_them_to_a_socket(url: str) -> None:
    address = url.rstrip("/").replace("http", "ws") + "/graphql"
    for payload in ({"Authorization": f"Bearer {SECRET}"}, {"Authorization": f"Bearer {KEY}"}):
        with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
            socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            if SECRET in str(payload):
                continue
            socket.recv()
            query = f'subscription {{ responseEvents(id: "{SECRET}") {{ __typename }} }}'
            socket.send(
                json.dumps({"id": SECRET, "type": "subscribe", "payload": {"query": query}})
            )
            socket.recv()
            socket.send(json.dumps({"type": SECRET}))
