"""The official audits of GraphQL over HTTP, by those who wrote the reference implementation, against our server."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import httpx

from tests.credential import KEY
from tests.door.conftest import url_of
from tests.node import NEEDS_NODE

pytestmark = NEEDS_NODE


async def test_every_official_audit_passes(client: httpx.AsyncClient, installed: Path) -> None:
    node = await asyncio.create_subprocess_exec(
        "node", "audits.js", f"{url_of(client)}/graphql",
        env={**os.environ, "CREDENTIAL": KEY}, cwd=installed,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        printed, said = await node.communicate()
    assert node.returncode == 0, said.decode()
    audits = json.loads(printed)
    assert len(audits) >= 61
    assert [audit for audit in audits if audit["status"] != "ok"] == []
