"""What a page of another origin may do: nothing by itself, and to ask when its origin is listed."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from api.observe import Fact, OperationEnded
from api.settings import Settings
from tests.credential import AUTHORIZED
from tests.door.conftest import Served
from tests.door.sockets import PROTOCOL, address
from tests.serving import TRUSTING_NOBODY

OURS = "https://app.example"
THEIRS = "https://evil.example"

UPSERT = 'mutation { upsertUser(input: { externalId: "mallory" }) { user { id } } }'
BODY = json.dumps({"query": UPSERT})

SIMPLE: dict[str, dict[str, Any]] = {
    "a form": {"data": {"query": UPSERT}},
    "a form of JSON": {"content": BODY, "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
    "a form with a file": {"files": {"query": UPSERT.encode()}},
    "a plain text": {"content": BODY, "headers": {"Content-Type": "text/plain"}},
    "JSON that says it is text": {"content": BODY, "headers": {"Content-Type": "text/plain; application/json"}},
    "nothing of its kind": {"content": BODY},
    "a mutation in the URL": {"method": "GET", "params": {"query": UPSERT}},
    "a mutation in the URL of an event source": {
        "method": "GET", "params": {"query": UPSERT}, "headers": {"Accept": "text/event-stream"},
    },
}  # fmt: skip
"""What a page may send to any server, without asking it first."""


@pytest.mark.parametrize("request_of", SIMPLE.values(), ids=SIMPLE)
@pytest.mark.parametrize("credential", [{}, AUTHORIZED], ids=["stranger", "known"])
async def test_what_a_page_may_send_unasked_is_refused_before_anything_is_executed(
    client: httpx.AsyncClient,
    facts: list[Fact],
    request_of: dict[str, Any],
    credential: dict[str, str],
) -> None:
    given = {"method": "POST", **request_of}
    headers = {"Origin": THEIRS, **given.pop("headers", {}), **credential}
    async with httpx.AsyncClient(base_url=client.base_url, verify=TRUSTING_NOBODY) as page:
        answer = await page.request(url="/graphql", headers=headers, **given)
    assert answer.status_code in ({405, 415} if credential else {401})
    assert answer.json()["errors"][0]["extensions"]["code"]
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert {fact.kind for fact in facts if isinstance(fact, OperationEnded)} <= {"mutation"}
    found = await client.post(
        "/graphql", json={"query": '{ user(by: { externalId: "mallory" }) { id } }'}
    )
    assert found.json()["data"] == {"user": None}


async def test_a_query_in_a_url_needs_a_header_that_no_page_may_send_unasked(
    client: httpx.AsyncClient,
) -> None:
    """`Authorization` is the one; a cookie would come along unasked, and counts for nothing."""
    query = {"query": "{ users { totalCount } }"}
    async with httpx.AsyncClient(base_url=client.base_url, verify=TRUSTING_NOBODY) as page:
        cookie = {"Cookie": f"Authorization={AUTHORIZED['Authorization'].replace(' ', '%20')}"}
        assert (await page.get("/graphql", params=query, headers=cookie)).status_code == 401
    assert (await client.get("/graphql", params=query)).status_code == 200


def preflight(origin: str, method: str = "POST") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,x-request-id",
    }


@pytest.mark.parametrize("origins", [OURS, f"{OURS},http://localhost:5173", "*"])
async def test_a_page_of_a_listed_origin_may_ask_and_read_the_answer(
    served: Served, origins: str
) -> None:
    async with served(cors_origins=origins) as client:
        async with httpx.AsyncClient(base_url=client.base_url, verify=TRUSTING_NOBODY) as page:
            asked = await page.options("/graphql", headers=preflight(OURS))
        assert asked.status_code == 200
        assert asked.headers["Access-Control-Allow-Origin"] in {OURS, "*"}
        assert "authorization" in asked.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in asked.headers
        answer = await client.post(
            "/graphql", json={"query": "{ __typename }"}, headers={"Origin": OURS}
        )
        assert answer.headers["Access-Control-Allow-Origin"] in {OURS, "*"}
        assert "Origin" in answer.headers["Vary"]
        for name in ("X-Request-ID", "RateLimit", "RateLimit-Policy", "Retry-After"):
            assert name in answer.headers["Access-Control-Expose-Headers"]
        # A refusal can be read as well.
        async with httpx.AsyncClient(base_url=client.base_url, verify=TRUSTING_NOBODY) as page:
            refused = await page.post("/graphql", json={}, headers={"Origin": OURS})
        assert refused.status_code == 401
        assert refused.headers["Access-Control-Allow-Origin"] in {OURS, "*"}


@pytest.mark.parametrize("origins", ["", OURS])
async def test_a_page_of_another_origin_may_not(served: Served, origins: str) -> None:
    async with served(cors_origins=origins) as client:
        asked = await client.options("/graphql", headers=preflight(THEIRS))
        assert "Access-Control-Allow-Origin" not in asked.headers
        answer = await client.post(
            "/graphql", json={"query": "{ __typename }"}, headers={"Origin": THEIRS}
        )
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "origins", "opens"),
    [
        (None, "", True),
        ("same", "", True),
        (OURS, "", False),
        (OURS, OURS, True),
        (THEIRS, OURS, False),
        ("null", OURS, False),
        (f"{OURS}.evil.example", OURS, False),
        (THEIRS, "*", True),
    ],
)
async def test_a_socket_is_opened_for_the_same_host_and_for_listed_origins(
    served: Served, origin: str | None, origins: str, opens: bool
) -> None:
    async with served(cors_origins=origins) as client:
        given: Any = str(client.base_url).rstrip("/") if origin == "same" else origin
        opening = connect(address(client), subprotocols=[PROTOCOL], origin=given)
        if opens:
            async with opening:
                return
        with pytest.raises(InvalidStatus) as refused:
            await opening
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    "origin",
    ["app.example", "https://app.example/", "https://app.example/page", "null", "HTTPS://A"],
)
def test_what_is_no_origin_is_not_listed(origin: str) -> None:
    with pytest.raises(ValidationError, match="is no origin; write it as a browser does"):
        Settings(_env_file=None, cors_origins=f"{OURS},{origin}")
