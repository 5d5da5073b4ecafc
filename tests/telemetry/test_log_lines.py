"""What a server in a process of its own writes: a line for each thing that happened, and nothing that was said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.credential import AUTHORIZED, KEY
from tests.processes import Serving

SECRET = "Rumpelstilzchen"


@contextmanager
def logging(database_url: str, **settings: str) -> Iterator[tuple[httpx.Client, list[str]]]:
    """A client of a server that logs for machines, and what that has said, once it has ended."""
    serving = Serving(DATABASE_URL=database_url, **{"LOG_FORMAT": "json", **settings})
    said: list[str] = []
    try:
        with httpx.Client(base_url=serving.address, headers=AUTHORIZED, timeout=20) as client:
            yield client, said
    finally:
        said.append(serving.stopped()[1])


def asked(client: httpx.Client, query: str, **variables: Any) -> Any:
    answer = client.post("/graphql", json={"query": query, "variables": variables})
    return answer.json().get("data")


def lines(said: list[str]) -> list[dict[str, Any]]:
    """Each line as a machine reads it."""
    return [json.loads(line) for line in said[0].splitlines() if line.strip()]


CREATE = """mutation Tell($user: ID!, $content: JSON!, $type: String!) {
  createContext(input: { userId: $user, contextType: $type, content: $content }) { context { id } } }"""


def test_each_context_operation_is_a_line_with_its_user_type_operation_and_duration(
    database_url: str,
) -> None:
    with logging(database_url) as (client, said):
        user = asked(
            client, 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'
        )
        owner = user["upsertUser"]["user"]["id"]
        made = asked(client, CREATE, user=owner, type="knowledge", content={"text": "Tea is good."})
        id = made["createContext"]["context"]["id"]
        asked(
            client,
            """mutation Change($id: ID!) {
              updateContext(input: { id: $id, expectedVersion: 1, content: { text: "Tea!" } }) { context { id } } }""",
            id=id,
        )
        asked(
            client,
            "mutation ($id: ID!) { deleteContext(input: { id: $id }) { context { id } } }",
            id=id,
        )
        asked(
            client,
            """mutation ($id: ID!) {
              restoreContext(input: { id: $id, version: 1, expectedVersion: 3 }) { context { id } } }""",
            id=id,
        )
        asked(
            client,
            """mutation ($user: ID!) {
              setProfile(input: { userId: $user, content: { likes: "tea" } }) { profile { id } } }""",
            user=owner,
        )
        asked(
            client,
            '{ user(by: { externalId: "ada" }) { search(query: "tea") { edges { score } } } }',
        )
        asked(client, '{ user(by: { externalId: "ada" }) { contexts { edges { node { id } } } } }')
        asked(
            client,
            """mutation ($user: ID!) {
              generateResponse(input: { userId: $user, message: "tea?" }) { response { text } } }""",
            user=owner,
        )
    written = [line for line in lines(said) if line["event"] == "context"]
    told = [(line["operation"], line.get("context_type")) for line in written]
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
    for line in written:
        assert len(line["user_id"]) == 36
        assert line["duration_ms"] >= 0
        assert len(line["request_id"]) == 32
        assert line["principal"].startswith("key:")


def test_each_operation_is_a_line_with_what_it_has_taken(database_url: str) -> None:
    with logging(database_url) as (client, said):
        asked(client, "query Everybody { users { edges { node { id profile { id } } } } }")
        asked(client, "{ nothing }")
    first, second = [line for line in lines(said) if line["event"] == "operation"]
    assert first["name"] == "Everybody"
    assert (first["kind"], first["transport"], first["statements"]) == ("query", "http", 1)
    assert first["cost"] >= 1
    assert 0 < first["database_ms"] < first["duration_ms"]
    assert "document" not in first
    assert second["codes"] == ["GRAPHQL_VALIDATION_FAILED"]


def test_a_slow_operation_is_a_warning_with_the_hash_of_its_text(database_url: str) -> None:
    with logging(database_url, SLOW_OPERATION="0.000001") as (client, said):
        asked(client, "{ __typename }")
    (line,) = [line for line in lines(said) if line["event"] == "operation"]
    assert (line["level"], line["slow"]) == ("warning", True)
    assert line["document"] == (
        "sha256:7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b"
    )


def test_a_request_without_a_credential_is_a_line(database_url: str) -> None:
    with logging(database_url) as (client, said):
        client.post("/graphql", json={"query": "{ __typename }"}, headers={"Authorization": "none"})
    (line,) = [line for line in lines(said) if line["event"] == "refused"]
    assert (line["status"], line["code"], line["transport"]) == (401, "UNAUTHENTICATED", "http")


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_nothing_that_was_said_or_is_secret_is_ever_in_a_line(
    database_url: str, log_format: str
) -> None:
    with logging(database_url, LOG_FORMAT=log_format, SLOW_OPERATION="0.000001") as (client, said):
        say_secrets_everywhere(client)
        say_them_to_a_socket(str(client.base_url))
    assert said[0].count("operation") > 10
    assert SECRET.lower() not in said[0].lower()
    assert KEY not in said[0]


def say_secrets_everywhere(client: httpx.Client) -> None:
    user = asked(
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
        asked(client, CREATE, user=owner, type=kind, content=content)
    for document in (
        f'{{ user(by: {{ externalId: "{SECRET}" }}) {{ search(query: "{SECRET}") {{ edges {{ score }} }} }} }}',
        f'{{ user(by: {{ id: "{SECRET}" }}) {{ id }} }}',
        f"{{ {SECRET} }}",
        f'{{ "{SECRET}',
        f'{{ user(by: {{ externalId: "{SECRET}" }}) {{ contexts(after: "{SECRET}") {{ totalCount }} }} }}',
    ):
        asked(client, document)
    asked(
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
