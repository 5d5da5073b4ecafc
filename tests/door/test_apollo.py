"""Apollo's own client and its persisted queries, in Node, against our server."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.credential import KEY
from tests.door.conftest import Served, url_of
from tests.node import NEEDS_NODE

pytestmark = NEEDS_NODE

TEXT = {"query": True, "named": True}
NAME = {"query": False, "named": True}


async def asked_thrice(client: httpx.AsyncClient, installed: Path, method: str = "POST") -> Any:
    """What Apollo's client sent for the same query asked three times; each is answered."""
    node = await asyncio.create_subprocess_exec(
        "node", "persisted.js", f"{url_of(client)}/graphql", method,
        env={**os.environ, "CREDENTIAL": KEY}, cwd=installed,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        printed, said = await node.communicate()
    assert node.returncode == 0, said.decode()
    seen = json.loads(printed)
    assert seen["told"] == [0, 0, 0]
    return seen["sent"]


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_the_text_is_sent_once_and_the_name_from_then_on(
    client: httpx.AsyncClient, installed: Path, method: str
) -> None:
    by_name = {"method": method, **NAME}
    sent = await asked_thrice(client, installed, method)
    assert sent == [by_name, {"method": "POST", **TEXT}, by_name, by_name]


async def test_where_names_are_not_taken_the_client_sends_texts(
    served: Served, installed: Path
) -> None:
    async with served(persisted_queries=False) as client:
        sent = await asked_thrice(client, installed)
    assert [one["query"] for one in sent] == [False, True, True, True]
    assert not sent[-1]["named"]
