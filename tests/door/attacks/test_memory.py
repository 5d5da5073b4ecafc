"""Attack after attack, and the server is no larger than before."""

from __future__ import annotations

import httpx
import psutil

from tests.credential import AUTHORIZED
from tests.door.attacks.judging import sent
from tests.door.attacks.test_documents import BORNE, REFUSED, asking
from tests.door.attacks.test_requests import BODIES, FORMS
from tests.processes import paced_server

ATTACKS = [*asking(REFUSED).values(), *asking(BORNE).values(), *BODIES.values(), *FORMS.values()]

GROWTH = 30_000_000
"""In bytes; a round of attacks sends as much."""


async def attack(client: httpx.AsyncClient) -> None:
    for asked in ATTACKS:
        await sent(client, asked)


async def test_attacks_leave_nothing_behind(database_url: str) -> None:
    with paced_server(database_url) as server:
        process = psutil.Process(server.process.pid)
        async with httpx.AsyncClient(
            base_url=server.address, headers=AUTHORIZED, timeout=30
        ) as client:
            for _ in range(2):
                await attack(client)
            before = process.memory_info().rss
            for _ in range(2):
                await attack(client)
        assert process.memory_info().rss < before + GROWTH
