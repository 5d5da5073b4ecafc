"""Who is asking, over HTTP, event streams and WebSockets: API keys that are good, unknown, expired and revoked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.door import credentials, keys
from db import api_keys
from db.embedded import Embedded
from db.pool import Access, Database, opened
from tests.credential import AUTHORIZATION, AUTHORIZED, KEY, bearing, key_for
from tests.databases import run_sql
from tests.door.conftest import Served, url_of
from tests.door.sockets import closed_with, follow, received, send, socket, subscribe
from tests.responding import EVENTS
from tests.scripted import Scripted
from tests.waiting import until
from tests.watching import begun_at, frames

ASKED = {"query": "{ users { totalCount } }"}
COUNTED = {"users": {"totalCount": 0}}
EVENT_STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What becomes of a key is seen much sooner than usual."""
    monkeypatch.setattr(keys, "REMEMBERED_SECONDS", 0.05)
    monkeypatch.setattr(credentials, "CHECK_SECONDS", 0.05)


async def ask(client: httpx.AsyncClient, headers: Mapping[str, str]) -> httpx.Response:
    """Ask with these headers and not with the client's own credential."""
    request = client.build_request("POST", "/graphql", json=ASKED)
    del request.headers["authorization"]
    request.headers.update(headers)
    return await client.send(request)


def refusal(response: httpx.Response) -> str:
    """The message of an answer that has to refuse the credential."""
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert error["extensions"]["requestId"] == response.headers["X-Request-ID"]
    return str(error["message"])


@pytest.mark.parametrize(
    "authorization", [AUTHORIZATION, f"bearer {KEY}", f"BEARER  {KEY}"], ids=["", "lower", "upper"]
)
async def test_a_known_key_is_answered(client: httpx.AsyncClient, authorization: str) -> None:
    response = await ask(client, {"Authorization": authorization})
    assert (response.status_code, response.json()["data"]) == (200, COUNTED)


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Authorization": ""}, {"Authorization": "Bearer"},
        {"Authorization": KEY}, {"Authorization": f"Basic {KEY}"}, {"Authorization": f"Token {KEY}"},
        bearing(KEY[:-1]), bearing(KEY.upper()), bearing(f"{KEY}0"), bearing("cql_"), bearing("cql_a_b"),
        bearing(f"{KEY} {KEY}"), bearing("cql_" + "a" * 9_000), bearing("a" * 9_000), bearing("a.b.c"),
        {"X-API-Key": KEY}, {"Cookie": f"Authorization={AUTHORIZATION}"},
    ],
)  # fmt: skip
async def test_nothing_else_is(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    message = refusal(await ask(client, headers))
    assert KEY not in message
    assert "Bearer" in message or "API key" in message or "shorter" in message


async def test_a_stranger_learns_nothing_but_how_to_be_known(client: httpx.AsyncClient) -> None:
    """Whatever a stranger sends is not read, prepared or told apart."""
    stranger = httpx.AsyncClient(base_url=url_of(client))
    async with stranger:
        answers = [
            await stranger.get("/graphql", params={"query": "{ __typename }"}),
            await stranger.post("/graphql", json={"query": "{ __schema { types { name } } }"}),
            await stranger.post("/graphql", json={"query": "{"}),
            await stranger.post("/graphql", content=b"["),
            await stranger.post("/graphql", json=ASKED, headers=EVENT_STREAM),
            await stranger.put("/graphql"),
        ]
        assert len({refusal(answer) for answer in answers}) == 1
        for open_to_all in ("/healthz", "/readyz"):
            assert (await stranger.get(open_to_all)).status_code == 200


async def test_an_expired_key_is_refused_from_that_moment_on(served: Served, db: Database) -> None:
    async with served() as client, asyncio.timeout(10):
        soon = datetime.now(UTC) + timedelta(seconds=1)
        key = await key_for(db, expires_at=soon)
        while (response := await ask(client, bearing(key))).status_code == 200:
            pass
        assert "expired" in refusal(response)
        assert datetime.now(UTC) >= soon


@pytest.mark.usefixtures("at_once")
async def test_a_revoked_key_is_refused_within_moments(served: Served, db: Database) -> None:
    key = await key_for(db)
    async with served() as client:
        assert (await ask(client, bearing(key))).status_code == 200
        assert await api_keys.revoke(db, api_keys.prefix_of(key))
        async with asyncio.timeout(5):
            while (response := await ask(client, bearing(key))).status_code == 200:
                pass
        assert "revoked" in refusal(response)
        assert (await ask(client, AUTHORIZED)).status_code == 200


@pytest.mark.whole_pool
async def test_a_key_that_is_used_often_is_looked_up_once(
    client: httpx.AsyncClient, statements: list[str]
) -> None:
    await asyncio.gather(*(ask(client, AUTHORIZED) for _ in range(10)))
    await ask(client, AUTHORIZED)
    assert statements.count(api_keys.BY_HASH) == 1


async def test_when_a_key_was_used_last_is_written_down_once_for_many_uses(
    served: Served, db: Database, statements: list[str]
) -> None:
    key, unused = await key_for(db), await key_for(db)
    before = datetime.now(UTC)
    async with served() as client:
        for _ in range(5):
            await ask(client, bearing(key))
        assert statements.count(api_keys.NOTE_USES) == 0
    found = {one.prefix: one.last_used_at for one in await api_keys.listed(db)}
    used = found[api_keys.prefix_of(key)]
    assert used is not None
    assert before <= used <= datetime.now(UTC)
    assert found[api_keys.prefix_of(unused)] is None
    assert statements.count(api_keys.NOTE_USES) == 1


async def test_a_users_key_asks_for_that_user_alone(served: Served, db: Database) -> None:
    both = '{ ada: user(by: { externalId: "ada" }) { name } bob: user(by: { externalId: "bob" }) { name } }'
    keys_of = {name: await key_for(db, name) for name in ("ada", "bob")}
    async with served() as client:
        for name, key in keys_of.items():
            answer = await client.post("/graphql", json={"query": both}, headers=bearing(key))
            seen = answer.json()["data"]
            assert [one for one, it in seen.items() if it is not None] == [name]
            refused = await ask(client, bearing(key))
            assert refused.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_while_the_store_is_away_nobody_is_called_a_stranger(
    served: Served, postgres: Embedded, reached: Access
) -> None:
    async with opened(reached) as db:
        key = await key_for(db)
    async with served() as client:
        name = reached.url.split("/")[3].split("?", maxsplit=1)[0]
        await run_sql(
            postgres.url,
            f"alter database {name} allow_connections false",
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
        )
        response = await ask(client, bearing(key))
        assert response.status_code == 503
        (error,) = response.json()["errors"]
        assert error["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        async with socket(client, begun=False) as one:
            await send(one, type="connection_init", payload=bearing(key))
            assert await closed_with(one) == 1013
        await run_sql(postgres.url, f"alter database {name} allow_connections true")
        assert (await ask(client, bearing(key))).json()["data"] == COUNTED


@pytest.mark.parametrize(
    ("init", "headers"),
    [(AUTHORIZED, {}), ({"authorization": AUTHORIZATION}, {}), ({}, AUTHORIZED), (None, AUTHORIZED)],
)  # fmt: skip
async def test_a_socket_says_who_asks_in_its_first_message_or_in_its_request(
    client: httpx.AsyncClient, init: Any, headers: dict[str, str]
) -> None:
    async with socket(client, init=init, headers=headers) as one:
        await subscribe(one, ASKED["query"])
        assert (await received(one))["payload"]["data"] == COUNTED


@pytest.mark.parametrize(
    ("init", "headers"),
    [
        (None, {}), ({}, {}), (bearing("cql_a_b"), {}), ({"Authorization": KEY}, {}), ({"Authorization": 7}, {}),
        ({"Authorization": None}, AUTHORIZED), ({"Authorization": [AUTHORIZATION]}, {}), ({"token": KEY}, {}),
        (bearing("a.b.c"), AUTHORIZED),
    ],
)  # fmt: skip
async def test_a_socket_without_a_credential_is_closed_before_any_operation(
    client: httpx.AsyncClient, init: Any, headers: dict[str, str]
) -> None:
    async with socket(client, begun=False, headers=headers) as one:
        await send(one, type="connection_init", payload=init)
        await subscribe(one, 'mutation { upsertUser(input: { externalId: "x" }) { user { id } } }')
        assert await closed_with(one) == 4403
        assert one.close_reason == "Forbidden"
    assert (await ask(client, AUTHORIZED)).json()["data"] == COUNTED


async def followed(served_client: httpx.AsyncClient, key: str, id: str) -> tuple[str, float]:
    """What an event stream with this key has told when it ended, and when that was, by the clock."""
    asked = {"query": EVENTS, "variables": {"id": id}}
    headers = {**EVENT_STREAM, **bearing(key)}
    async with served_client.stream("POST", "/graphql", json=asked, headers=headers) as answer:
        text = "".join([piece async for piece in answer.aiter_text()])
    return text, datetime.now(UTC).timestamp()


async def test_a_credential_that_expires_ends_what_it_follows_at_that_moment(
    served: Served, db: Database
) -> None:
    models = {"scripted": Scripted(["Che", asyncio.Event()])}
    async with served(models, model="scripted") as client:
        id = await begun_at(url_of(client))
        soon = datetime.now(UTC) + timedelta(seconds=3)
        key = await key_for(db, expires_at=soon)
        following = asyncio.create_task(followed(client, key, id))
        async with socket(client, init=bearing(key)) as one:
            await follow(one, id)
            assert await closed_with(one) == 4403
            at = datetime.now(UTC)
        assert soon <= at < soon + timedelta(seconds=2)
        text, ended = await following
        assert [kind for kind, _, _ in frames(text)] == ["next", "next"]
        assert soon.timestamp() <= ended < soon.timestamp() + 2


@pytest.mark.usefixtures("at_once")
async def test_a_revoked_key_closes_its_sockets_and_streams_and_no_others(
    served: Served, db: Database
) -> None:
    models = {"scripted": Scripted(["Che", asyncio.Event()])}
    async with served(models, model="scripted") as client:
        id = await begun_at(url_of(client))
        key = await key_for(db)
        following = asyncio.create_task(followed(client, key, id))
        async with socket(client, init=bearing(key)) as one, socket(client) as other:
            await follow(one, id)
            await received(one)
            await api_keys.revoke(db, api_keys.prefix_of(key))
            assert await closed_with(one) == 4403
            text, _ = await following
            assert "complete" not in text
            await subscribe(other, "{ __typename }")
            assert (await received(other))["payload"]["data"] == {"__typename": "Query"}


@pytest.mark.usefixtures("at_once")
async def test_a_store_that_is_away_closes_no_socket(
    client: httpx.AsyncClient, postgres: Embedded, database_url: str, statements: list[str]
) -> None:
    name = database_url.split("/")[3].split("?", maxsplit=1)[0]
    async with socket(client) as one:
        await run_sql(
            postgres.url,
            f"alter database {name} allow_connections false",
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'",
        )
        await asyncio.sleep(0.3)
        await send(one, type="ping")
        assert (await received(one))["type"] == "pong"
        await run_sql(postgres.url, f"alter database {name} allow_connections true")
        statements.clear()
        await until(lambda: api_keys.BY_HASH in statements)
        await send(one, type="ping")
        assert (await received(one))["type"] == "pong"
