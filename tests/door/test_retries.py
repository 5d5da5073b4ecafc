"""A write is repeated over any connection: the key is the user's, not the connection's."""

from __future__ import annotations

import json

import httpx

from tests.door.sockets import received, socket, subscribe
from tests.watching import frames

UPSERT = 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'
CREATE = """mutation($user: ID!) {
  createConversation(input: { userId: $user, title: "Chess", idempotencyKey: "first" }) {
    conversation { id title }
  }
}"""


async def test_a_write_is_repeated_over_any_connection(client: httpx.AsyncClient) -> None:
    made = (await client.post("/graphql", json={"query": UPSERT})).json()["data"]
    user = made["upsertUser"]["user"]["id"]
    asked = {"query": CREATE, "variables": {"user": user}}
    over_http = (await client.post("/graphql", json=asked)).json()["data"]
    assert over_http["createConversation"]["conversation"]["title"] == "Chess"
    streamed = await client.post("/graphql", json=asked, headers={"Accept": "text/event-stream"})
    assert json.loads(frames(streamed.text)[0][2])["data"] == over_http
    async with socket(client) as one:
        await subscribe(one, CREATE, user=user)
        assert (await received(one))["payload"]["data"] == over_http
