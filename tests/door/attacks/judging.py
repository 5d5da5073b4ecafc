"""What an attack may get: an answer soon, with a code in each error that is not ours, and nothing of our insides."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from api.door.accept import GRAPHQL_RESPONSE, JSON
from api.door.shaping import LONGEST_MESSAGE
from api.errors import ErrorCode
from api.observe import Fact, Faulted

SOON = 10.0
"""Seconds that an attack may last, on a machine that has much else to do."""

UNLIMITED = {"rate_limit": 0, "service_rate_limit": 0, "generation_rate_limit": 0}
"""Settings for who asks more at once than one may: a refusal for that would say nothing of what was asked."""

INSIDES = re.compile(
    r"""Traceback|<class|\bobject at 0x|\bNoneType\b|\bKeyError\b|\b(Value|Type|Attribute|Recursion|Unicode)Error\b
    |asyncpg|pydantic|strawberry|starlette|uvicorn|orjson|graphql[._]core|site-packages|\.py\b
    |\bselect\s.+\sfrom\b|\binsert\s+into\b|\bdelete\s+from\b|\bupdate\s\w+\sset\b|\brelation\s"|\bcolumn\s"|\bjsonb\b
    |\b(str|int|float|dict|list|bytes|datetime|UUID)'?\sobject\b|unhashable|codec\scan't""",
    re.VERBOSE | re.IGNORECASE,
)
"""What our own code, our libraries and the database would say, and a client must not read."""

Asked = dict[str, Any]
"""A request, as the arguments of the client; `POST /graphql` where they say nothing else."""


async def wrongs(
    client: httpx.AsyncClient, facts: Sequence[Fact], attacks: Mapping[str, Asked]
) -> dict[str, list[str]]:
    """What is wrong with the answers, by the names of the attacks; each is made in both of our media types."""
    found = {}
    for name, asked in attacks.items():
        for accept in (JSON, GRAPHQL_RESPONSE):
            response = await sent(client, asked, accept)
            if wrong := [*wrong_in(response, accept), *faults(facts)]:
                found[f"{name}, {accept}"] = wrong
    return found


async def sent(client: httpx.AsyncClient, asked: Asked, accept: str = JSON) -> httpx.Response:
    method, url = asked.get("method", "POST"), asked.get("url", "/graphql")
    rest = {key: value for key, value in asked.items() if key not in {"method", "url", "headers"}}
    headers = {"Accept": accept, **asked.get("headers", {})}
    async with asyncio.timeout(SOON):
        return await client.request(method, url, headers=headers, **rest)


def wrong_in(response: httpx.Response, accept: str) -> list[str]:
    """What is wrong with an answer that should be a refusal."""
    body = response.json()
    errors = body.get("errors", [])
    found = [wrong for error in errors for wrong in wrong_with(error)]
    if response.status_code >= 500:
        found.append(f"status {response.status_code}")
    if not errors:
        found.append(f"answered: {response.text[:200]}")
    if accept == GRAPHQL_RESPONSE and response.status_code < 400 and "data" not in body:
        found.append(f"status {response.status_code} without data")
    return found


def wrong_with(error: Any) -> list[str]:
    """What is wrong with one error, in an answer or in a message."""
    message, code = error["message"], error.get("extensions", {}).get("code")
    found = []
    if code not in set(ErrorCode) or code == ErrorCode.INTERNAL:
        found.append(f"code {code}")
    if inside := INSIDES.search(message):
        found.append(f"tells {inside.group()!r} in {message[:200]!r}")
    if len(message) > LONGEST_MESSAGE:
        found.append(f"a message of {len(message)} characters")
    return found


def faults(facts: Sequence[Fact]) -> list[str]:
    """What was ours, as it was observed."""
    return [repr(fact.error) for fact in facts if isinstance(fact, Faulted)]
