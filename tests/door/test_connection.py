"""Promises about connections, kept with raw sockets: nobody can make the server wait, or hold what it cannot bound."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from api.door.connection import Connection
from api.listen import configuration
from api.settings import Settings
from tests.door.conftest import Served, url_of
from tests.door.raw import HEAD, Wire, wire
from tests.serving import Plain, address_of, running
from tests.waiting import until

SOON = 0.3


async def trickled(one: Wire, data: bytes) -> None:
    """Send it byte by byte, until it is whole or nobody takes it any more."""
    for n in range(len(data)):
        if one.writer.is_closing():
            return
        one.writer.write(data[n : n + 1])
        await asyncio.sleep(0.02)


async def test_a_head_that_comes_byte_by_byte_is_cut_off(served: Served) -> None:
    async with served(head_timeout=SOON) as client, wire(url_of(client)) as one:
        trickling = asyncio.create_task(trickled(one, HEAD * 10))
        assert await one.refusal() == (408, "TIMEOUT")
        trickling.cancel()


async def test_who_says_nothing_is_cut_off_without_a_word(served: Served) -> None:
    async with served(head_timeout=SOON) as client, wire(url_of(client)) as one:
        assert await one.ended() == b""


async def test_a_connection_is_kept_for_the_next_request_and_not_for_ever(served: Served) -> None:
    async with (
        served(head_timeout=SOON, idle_timeout=SOON) as client,
        wire(url_of(client)) as one,
    ):
        for _ in range(3):
            await one.send(HEAD)
            assert (await one.answer())[0] == 200
        assert await one.ended() == b""


async def test_who_is_idle_has_no_more_time_because_a_head_has_more(served: Served) -> None:
    async with (
        served(head_timeout=60, idle_timeout=SOON) as client,
        wire(url_of(client)) as one,
    ):
        await one.send(HEAD)
        assert (await one.answer())[0] == 200
        assert await one.ended() == b""


async def test_a_head_that_has_begun_has_the_time_of_a_head(served: Served) -> None:
    async with (
        served(head_timeout=60, idle_timeout=SOON) as client,
        wire(url_of(client)) as one,
    ):
        await one.send(HEAD)
        await one.answer()
        trickling = asyncio.create_task(trickled(one, HEAD))
        assert (await one.answer())[0] == 200
        await trickling


async def test_the_second_head_has_no_more_time_than_the_first(served: Served) -> None:
    async with (
        served(head_timeout=SOON, idle_timeout=SOON) as client,
        wire(url_of(client)) as one,
    ):
        await one.send(HEAD)
        await one.answer()
        trickling = asyncio.create_task(trickled(one, HEAD * 10))
        assert await one.refusal() == (408, "TIMEOUT")
        trickling.cancel()


async def test_a_body_that_nobody_reads_does_not_keep_a_connection(served: Served) -> None:
    async with (
        served(head_timeout=SOON, idle_timeout=SOON) as client,
        wire(url_of(client)) as one,
    ):
        await one.send(
            b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
        )
        assert (await one.answer())[0] == 405
        trickling = asyncio.create_task(trickled(one, b" " * 1000))
        assert await one.ended() == b""
        trickling.cancel()


async def test_requests_that_come_in_one_piece_are_answered_in_turn(served: Served) -> None:
    async with served(head_timeout=SOON) as client, wire(url_of(client)) as one:
        await one.send(HEAD * 3 + HEAD[:10])
        for _ in range(3):
            assert (await one.answer())[0] == 200
        await one.send(HEAD[10:])
        assert (await one.answer())[0] == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"x" * 9_000), 414),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: %s\r\n\r\n" % (b"x" * 40_000), 431),
        (b"GET / HTTP/1.1\r\n%s\r\n" % (b"X: x\r\n" * 20_000), 431),
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
    ],
    ids=["url", "one field", "many fields", "nonsense", "length"],
)
async def test_a_head_out_of_bounds_is_refused_with_a_code(
    served: Served, head: bytes, status: int
) -> None:
    async with served() as client, wire(url_of(client)) as one:
        await one.send(head)
        assert await one.refusal() == (status, "BAD_USER_INPUT")


async def test_a_url_and_fields_within_bounds_are_taken(served: Served) -> None:
    async with served() as client:
        answer = await client.get(
            "/healthz", params={"x": "x" * 8_000}, headers={"X": "x" * 30_000}
        )
        assert answer.status_code == 200


async def test_a_head_without_end_is_refused_as_soon_as_it_is_too_large(served: Served) -> None:
    async with served() as client, wire(url_of(client)) as one:
        await one.send(b"GET / HTTP/1.1\r\nX: ")

        async def endless() -> None:
            for _ in count():
                await one.send(b"x" * 10_000)

        sending = asyncio.create_task(endless())
        assert await one.refusal() == (431, "BAD_USER_INPUT")
        await asyncio.wait([sending])
        assert isinstance(sending.exception(), ConnectionError)


async def test_a_refusal_before_there_is_a_request_has_the_headers_of_any_other(
    served: Served,
) -> None:
    async with served() as client, wire(url_of(client)) as one:
        await one.send(b"NONSENSE\r\n\r\n")
        _, fields, _ = await one.answer()
        assert fields["connection"] == "close"
        assert fields["x-content-type-options"] == "nosniff"
        assert fields["x-request-id"]


async def test_two_hundred_slow_connections_do_not_keep_a_quick_one_waiting(
    served: Served,
) -> None:
    async with served(head_timeout=1) as client, AsyncExitStack() as stack:
        slow = [await stack.enter_async_context(wire(url_of(client))) for _ in range(200)]
        # A head that came within the second would be answered, and another one begin.
        endless = HEAD.removesuffix(b"\r\n") + b"X-Slow: " + b"x" * 1000
        trickling = [asyncio.create_task(trickled(one, endless)) for one in slow]
        async with asyncio.timeout(5):
            answer = await client.post("/graphql", json={"query": "{ users { totalCount } }"})
        assert answer.json()["data"] == {"users": {"totalCount": 0}}
        for one in slow:
            await one.ended(10)
        for task in trickling:
            task.cancel()
        await asyncio.wait(trickling)
        await until(lambda: connections() <= 1)


def connections() -> int:
    """How many the server still holds; httpx keeps one."""
    gc.collect()
    return sum(isinstance(one, Connection) for one in gc.get_objects())


LARGE = b"x" * 16_000_000
"""More than the buffers of both sides hold."""


@asynccontextmanager
async def large(seconds: float) -> AsyncIterator[str]:
    """The address of a server on our connections that answers with so much, and waits so long."""
    app = Starlette(routes=[Route("/", lambda _: Response(LARGE))])
    settings = Settings(_env_file=None, port=0, head_timeout=seconds, idle_timeout=seconds)
    server = Plain(configuration(app, settings))
    async with running(server):
        yield address_of(server)


async def test_who_does_not_take_the_answer_is_given_up() -> None:
    async with large(SOON) as url, wire(url) as one:
        one.writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is a transport that reads
        one.writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await until(lambda: connections() == 1)
        await until(lambda: connections() == 0)


async def test_who_takes_an_answer_slowly_gets_all_of_it() -> None:
    async with large(1) as url, wire(url) as one:
        await one.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        body = await one.slowly(1_600_000, 0.2)
        assert body == LARGE
