"""Operations made from the schema, asked over HTTP with the key of one user and with a key for services.

The suite asks a few, the same each time; `make fuzz` asks thousands, others each time.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

import httpx
import pytest
from graphql import DocumentNode

from api.observe import Fact
from db.pool import Database
from tests.credential import client_of
from tests.door.attacks.judging import SOON, UNLIMITED, faults, wrong_with
from tests.door.conftest import Served
from tests.generated import SEED, TIMES
from tests.generated.aim import World, aimed
from tests.generated.documents import KINDS, made
from tests.planted import EVERYTHING, WORDS, over_http, planted
from tests.watching import frames

FEW = {"query": 40, "mutation": 30, "subscription": 5}
"""How many operations of each kind are asked with each key."""

A_MOMENT = 1.0
"""How long a stream is listened to that does not end by itself."""

PLANTED_ANEW = 50
"""After so many operations there is a new one of everything: mutations delete what they are aimed at."""

EARLY = {"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "OPERATION_TOO_COSTLY", "RATE_LIMITED"}
"""What is refused before anything is read or written: if that were all, nothing would be tried."""

Plant = Callable[[], Awaitable[World]]

Answer = tuple[int, list[Any], str]
"""The status, the errors, and all of it as text."""


async def asked(client: httpx.AsyncClient, kind: str, query: str) -> Answer:
    if kind == "subscription":
        status, text = await followed(client, query)
        told = [data for _, _, data in frames(text) if data]
    else:
        async with asyncio.timeout(SOON):
            response = await client.post("/graphql", json={"query": query})
        status, text, told = response.status_code, response.text, [response.text]
    errors = [error for one in told for error in json.loads(one).get("errors", [])]
    return status, errors, text


async def followed(client: httpx.AsyncClient, query: str) -> tuple[int, str]:
    """The status, and what is told until the end, or for a moment of what has none."""
    text, status, has_end = "", 0, "contextChanges" not in query
    live = {"Accept": "text/event-stream"}
    try:
        async with (
            asyncio.timeout(SOON if has_end else A_MOMENT),
            client.stream("POST", "/graphql", json={"query": query}, headers=live) as response,
        ):
            status = response.status_code
            async for piece in response.aiter_text():
                text += piece
    except TimeoutError:
        if has_end:
            raise
        text = text.rpartition("\n\n")[0]
    return status, text


class Fuzz:
    """What has been asked with one key, and what is wrong with the answers."""

    def __init__(self, client: httpx.AsyncClient, facts: list[Fact], plant: Plant) -> None:
        self._client, self._facts, self._plant = client, facts, plant
        self.codes: Counter[str] = Counter()
        self.wrong: dict[str, list[str]] = {}

    async def ask_all(
        self, kind: str, documents: Sequence[DocumentNode], never: str | None
    ) -> None:
        """Ask all of them; the word `never` may not be in any answer."""
        random = Random(SEED or 0)  # noqa: S311
        for number, document in enumerate(documents):
            if number % PLANTED_ANEW == 0:
                world = await self._plant()
            await self._ask(kind, aimed(document, world, random), never)
        print(f"seed {SEED}: {len(documents)} times a {kind}: {dict(self.codes)}")  # noqa: T201
        for query, wrong in self.wrong.items():
            print(wrong, query)  # noqa: T201

    async def _ask(self, kind: str, query: str, never: str | None) -> None:
        status, errors, text = await asked(self._client, kind, query)
        found = [wrong for error in errors for wrong in wrong_with(error)] + faults(self._facts)
        if status >= 500:
            found.append(f"status {status}")
        if never is not None and never in text.lower():
            found.append(f"told {never}: {text}")
        if found:
            self.wrong[query] = found
        self._facts.clear()
        self.codes.update({error["extensions"]["code"] for error in errors} or {"data"})


@pytest.mark.parametrize("kind", KINDS)
async def test_with_the_key_of_one_user_nothing_of_another_is_read_or_changed(
    served: Served, facts: list[Fact], db: Database, kind: str
) -> None:
    documents = made(kind, FEW[kind] * TIMES, SEED)
    async with served(**UNLIMITED) as service:
        ask = over_http(service)
        bob = await planted(ask, "bob")

        async def plant() -> World:
            return World([await planted(ask, "ada"), bob])

        await plant()
        async with client_of(service, db, "ada") as hers, client_of(service, db, "bob") as his:
            before = await over_http(his)(EVERYTHING, id=bob.user)
            assert WORDS["bob"] in json.dumps(before)
            fuzz = Fuzz(hers, facts, plant)
            await fuzz.ask_all(kind, documents, never=WORDS["bob"])
            assert fuzz.wrong == {}
            assert set(fuzz.codes) - EARLY
            assert await over_http(his)(EVERYTHING, id=bob.user) == before


@pytest.mark.parametrize("kind", KINDS)
async def test_with_a_key_for_services_nothing_is_a_fault(
    served: Served, facts: list[Fact], kind: str
) -> None:
    documents = made(kind, FEW[kind] * TIMES, SEED)
    async with served(**UNLIMITED) as service:
        ask = over_http(service)

        async def plant() -> World:
            return World([await planted(ask, name) for name in WORDS])

        fuzz = Fuzz(service, facts, plant)
        await fuzz.ask_all(kind, documents, never=None)
        assert fuzz.wrong == {}
        assert set(fuzz.codes) - EARLY
