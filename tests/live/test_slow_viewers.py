"""A viewer that does not read costs the server next to nothing, and the others nothing at all."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.processes import Serving, paced_server
from tests.responding import EVENTS
from tests.scripted import paced
from tests.watching import WATCHES, begun_at, watched

STUCK = 12
WORDS = 200
WIDTH = 32_000


def resident_bytes(server: Serving) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def stuck_viewer(address: str, id: str) -> socket.socket:
    """Asks for the events and never reads one."""
    body = json.dumps({"query": EVENTS, "variables": {"id": id}})
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((urlsplit(address).hostname, urlsplit(address).port))
    connection.sendall(
        (
            "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
    )
    return connection


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
async def test_who_does_not_read_makes_no_memory_grow_and_slows_nobody(database_url: str) -> None:
    knobs = {"MODEL": "bulky", "MAX_RESPONSE_CHARS": "100000000", "SHUTDOWN_GRACE": "0"}
    with paced_server(database_url, **knobs) as server:
        # What as many take who read.
        id = await begun_at(server.address, paced(WORDS, 0.005))
        await asyncio.gather(*(watched(WATCHES["sse"], server.address, id) for _ in range(STUCK)))
        before = resident_bytes(server)
        id = await begun_at(server.address, paced(WORDS, 0.005))
        with ExitStack() as stuck:
            for _ in range(STUCK):
                stuck.enter_context(closing(stuck_viewer(server.address, id)))
            seen = await watched(WATCHES["sse"], server.address, id)
            grown = resident_bytes(server) - before
        assert sum(len(event.get("text", "")) for event in seen) == WORDS * WIDTH
        # Were it all kept for them, it would be as many times the text.
        assert grown < STUCK * WORDS * WIDTH / 3
