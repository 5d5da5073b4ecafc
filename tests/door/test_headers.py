"""What stands in the head of every answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

ALWAYS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

REQUESTS: dict[str, dict[str, Any]] = {
    "an answer": {"method": "POST", "url": "/graphql", "json": {"query": "{ __typename }"}},
    "a refusal": {"method": "POST", "url": "/graphql", "content": b"{"},
    "a stream": {
        "method": "POST", "url": "/graphql", "json": {"query": "{ __typename }"},
        "headers": {"Accept": "text/event-stream"},
    },
    "no method": {"method": "PUT", "url": "/graphql"},
    "options": {"method": "OPTIONS", "url": "/graphql"},
    "nothing": {"method": "GET", "url": "/nothing"},
    "health": {"method": "GET", "url": "/healthz"},
    "readiness": {"method": "GET", "url": "/readyz"},
    "no such file": {"method": "GET", "url": "/assets/nothing.js"},
}  # fmt: skip


@pytest.mark.parametrize("request_of", REQUESTS.values(), ids=REQUESTS)
async def test_every_answer_says_what_a_browser_must_not_do_with_it(
    client: httpx.AsyncClient, request_of: dict[str, Any]
) -> None:
    answer = await client.request(**request_of)
    assert ALWAYS.items() <= dict(answer.headers).items()
    assert "strict-transport-security" not in answer.headers


async def test_an_answer_over_tls_says_that_it_is_always_so(client: httpx.AsyncClient) -> None:
    """As a proxy on this machine says in `X-Forwarded-Proto`."""
    for path in ("/healthz", "/graphql"):
        answer = await client.get(path, headers={"X-Forwarded-Proto": "https"})
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_head_answers_as_get_does_without_a_body(client: httpx.AsyncClient) -> None:
    for path, headers in (
        ("/graphql", BROWSER),
        ("/healthz", {}),
        ("/graphql?query={__typename}", {}),
    ):
        got, head = (
            await client.get(path, headers=headers),
            await client.head(path, headers=headers),
        )
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
    mutation = {"query": 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'}
    refused = await client.head("/graphql", params=mutation)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")


async def test_options_and_what_there_is_not_name_the_methods_that_there_are(
    client: httpx.AsyncClient,
) -> None:
    options = await client.options("/graphql")
    assert (options.status_code, options.headers["Allow"]) == (204, "GET, HEAD, POST, OPTIONS")
    for path in ("/healthz", "/readyz", "/"):
        posted = await client.post(path)
        assert posted.status_code == 405
        assert set(posted.headers["Allow"].split(", ")) == {"GET", "HEAD"}
        assert posted.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
