"""Answers that are written together: all of them, in their order, and to nobody who is not there any more."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.door.outgoing import Outgoing

LARGE = b"x" * 10_000_000


class Way:
    """A connection to a client that reads when it likes."""

    def __init__(self, transport: asyncio.Transport, client: socket.socket) -> None:
        self.transport = transport
        self.client = client
        self.held_up: list[int] = []

    def is_held_up(self, size: int) -> None:
        self.held_up.append(size)

    async def heard(self) -> bytes:
        """What has come so far, once something has."""
        async with asyncio.timeout(5):
            return await asyncio.get_running_loop().sock_recv(self.client, 1000)


@asynccontextmanager
async def connected() -> AsyncIterator[Way]:
    ours, client = socket.socketpair()
    client.setblocking(False)
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
    with client:
        yield Way(transport, client)
        transport.abort()
        await asyncio.sleep(0)


async def test_what_is_said_in_one_turn_of_the_loop_is_written_in_the_next() -> None:
    outgoing = Outgoing()
    async with connected() as one, connected() as another:
        outgoing.add(one, b"first")
        outgoing.add(another, b"second")
        assert [*outgoing] == [one, another]
        assert (await one.heard(), await another.heard()) == (b"first", b"second")
        assert not outgoing
        outgoing.add(one, b"third")
        assert await one.heard() == b"third"
        assert not one.held_up


async def test_two_answers_on_one_connection_keep_their_order() -> None:
    outgoing = Outgoing()
    async with connected() as one:
        outgoing.add(one, b"first ")
        outgoing.add(one, b"second")
        assert await one.heard() == b"first second"


async def test_whoever_cannot_wait_has_it_written_at_once_and_only_once() -> None:
    outgoing = Outgoing()
    async with connected() as one:
        outgoing.add(one, b"first")
        outgoing.write()
        one.transport.write(b" second")
        await asyncio.sleep(0)
        assert await one.heard() == b"first second"


async def test_who_is_gone_keeps_nobody_else_from_an_answer() -> None:
    outgoing = Outgoing()
    async with connected() as one, connected() as another:
        outgoing.add(one, b"first")
        outgoing.add(another, b"second")
        one.transport.abort()
        assert await another.heard() == b"second"


async def test_who_cannot_be_written_to_keeps_nobody_else_from_an_answer() -> None:
    outgoing, faults = Outgoing(), list[str]()
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: faults.append(str(context.get("exception")))
    )
    async with connected() as one, connected() as another, connected() as third:
        one.transport.write_eof()
        for way in (one, another, third):
            outgoing.add(way, b"said")
        assert (await another.heard(), await third.heard()) == (b"said", b"said")
        assert faults == ["Cannot call write() after write_eof()"]


async def test_it_is_told_how_much_a_client_has_not_taken() -> None:
    outgoing = Outgoing()
    async with connected() as one:
        outgoing.add(one, LARGE)
        await asyncio.sleep(0)
        assert one.held_up == [one.transport.get_write_buffer_size()]
        assert 0 < one.held_up[0] < len(LARGE)
