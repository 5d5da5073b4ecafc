"""A viewer that does not read costs the server next to nothing, and the others nothing at all."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import tracemalloc
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

from api.app import app_on
from api.server import Server
from api.settings import Settings
from db.pool import Access
from tests.credential import AUTHORIZATION, AUTHORIZED
from tests.responding import EVENTS
from tests.scripted import Paced, paced
from tests.serving import address_of, listening
from tests.watching import WATCHES, begun_at

STUCK = 16
WORDS = 1500
WIDTH = 4_000
PAUSE = 0.004
"""Seconds between two words: so slow that a busy machine, too, hears few of them in one event."""
TEXT = WORDS * WIDTH


def over_event_stream(id: str) -> list[bytes]:
    """What asks for the events of a response. After each but the last something is read."""
    body = json.dumps({"query": EVENTS, "variables": {"id": id}})
    asking = (
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
        f"Authorization: {AUTHORIZATION}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    return [asking.encode()]


def over_websocket(id: str) -> list[bytes]:
    """The same, over a socket: its handshake, and two messages."""
    handshake = (
        b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
    asked = {"query": EVENTS, "variables": {"id": id}}
    init = {"type": "connection_init", "payload": AUTHORIZED}
    messages = init, {"type": "subscribe", "id": "1", "payload": asked}
    return [handshake, b"".join(masked(json.dumps(message).encode()) for message in messages)]


def masked(text: bytes) -> bytes:
    """A WebSocket frame as a client has to send it, here with a mask that changes nothing."""
    # So long that its length stands in two bytes.
    text = text.ljust(126)
    return b"\x81\xfe" + len(text).to_bytes(2, "big") + b"\x00" * 4 + text


def stuck_viewer(address: str, asking: list[bytes]) -> socket.socket:
    """Asks for the events and never reads one."""
    *first, last = asking
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((urlsplit(address).hostname, urlsplit(address).port))
    for part in first:
        connection.sendall(part)
        connection.recv(4096)
    connection.sendall(last)
    return connection


async def test_who_does_not_read_makes_no_memory_grow_and_slows_nobody(reached: Access) -> None:
    settings = Settings(
        _env_file=None,
        model="bulky",
        max_response_chars=10 * TEXT,
        delta_pause=0.01,
        shutdown_grace=0,
    )
    models = {"bulky": Paced("bulky", width=WIDTH)}
    app = app_on(settings, reached, models=models, observe=lambda _: None)
    async with listening(app, settings) as uvicorn:
        url = address_of(uvicorn)
        id = await begun_at(url, paced(WORDS, PAUSE))
        tracemalloc.start()
        with ExitStack() as stuck:
            for asking in [over_event_stream(id), over_websocket(id)] * (STUCK // 2):
                viewer = await asyncio.to_thread(stuck_viewer, url, asking)
                stuck.enter_context(closing(viewer))
            read = 0
            async for event in WATCHES["sse"](url, id, 0):
                read += len(event.get("text", ""))
                # The last of them holds the whole text, which would be counted with what the server holds.
                del event
            server: Server = uvicorn.lifespan.state["server"]
            assert len(server.feeds) == STUCK
            gc.collect()
            held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert read == TEXT
    # Were it all kept for each of them, it would be at least three times as much.
    assert held < STUCK * TEXT / 3
