"""Speaking HTTP by hand, byte by byte if need be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Wire:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, seconds: float = 5) -> tuple[int, dict[str, str], bytes]:
        """The status, the header fields by their lower-case names, and the body of the next answer."""
        async with asyncio.timeout(seconds):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
            status, *lines = head.strip().split("\r\n")
            fields = {
                name.lower(): value for name, value in (line.split(": ", 1) for line in lines)
            }
            body = await self._reader.readexactly(int(fields.get("content-length", 0)))
            return int(status.split(" ")[1]), fields, body

    async def slowly(self, piece: int, seconds: float) -> bytes:
        """The body of the next answer, taken a piece at a time with so many seconds between."""
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        left = int(head.split("content-length: ")[1].split("\r\n")[0])
        body = b""
        while left > len(body):
            body += await self._reader.readexactly(min(piece, left - len(body)))
            await asyncio.sleep(seconds)
        return body

    async def refusal(self) -> tuple[int, str]:
        """The status and the code of an answer that refuses, after which the connection ends."""
        status, _, body = await self.answer()
        await self.ended()
        (error,) = json.loads(body)["errors"]
        return status, error["extensions"]["code"]

    async def ended(self, seconds: float = 5) -> bytes:
        """What was still to come when the server ended the connection."""
        async with asyncio.timeout(seconds):
            try:
                return await self._reader.read()
            except ConnectionError:
                return b""


@asynccontextmanager
async def wire(url: str, **how: Any) -> AsyncIterator[Wire]:
    there = urlsplit(url)
    reader, writer = await asyncio.open_connection(there.hostname, there.port, **how)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()
