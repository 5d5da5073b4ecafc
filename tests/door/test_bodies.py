"""A body is the same to us in whatever pieces it comes, and whether it was there before anybody asked for it."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.credential import AUTHORIZATION
from tests.door.conftest import Served, url_of
from tests.door.raw import Wire, wire

BODY = b'{"query": "{ __typename }"}'
DATA = {"__typename": "Query"}


def posted(body: bytes, *fields: str, length: int | None = None) -> bytes:
    """The head of a request with this body, or with one of another length."""
    lines = (
        "POST /graphql HTTP/1.1",
        "Host: localhost",
        f"Authorization: {AUTHORIZATION}",
        "Content-Type: application/json",
        f"Content-Length: {len(body) if length is None else length}",
        *fields,
    )
    return "\r\n".join((*lines, "\r\n")).encode()


async def data(one: Wire) -> object:
    status, _, body = await one.answer()
    assert status == 200, body
    return json.loads(body)["data"]


@pytest.mark.parametrize("sizes", [1, 7, len(BODY)], ids=lambda size: f"in pieces of {size}")
async def test_the_pieces_make_no_difference(served: Served, sizes: int) -> None:
    async with served() as client, wire(url_of(client)) as one:
        await one.send(posted(BODY))
        for at in range(0, len(BODY), sizes):
            await asyncio.sleep(0)
            await one.send(BODY[at : at + sizes])
        assert await data(one) == DATA


async def test_requests_that_come_together_have_each_its_own_body(served: Served) -> None:
    named = b'{"query": "{ other: __typename }"}'
    async with served() as client, wire(url_of(client)) as one:
        await one.send((posted(BODY) + BODY + posted(named) + named) * 2)
        for _ in range(2):
            assert await data(one) == DATA
            assert await data(one) == {"other": "Query"}


async def test_who_waits_to_be_told_to_go_on_is_told_so(served: Served) -> None:
    async with served() as client, wire(url_of(client)) as one:
        await one.send(posted(BODY, "Expect: 100-continue"))
        assert (await one.answer())[0] == 100
        await one.send(BODY)
        assert await data(one) == DATA


async def test_one_that_is_too_large_is_refused_also_if_all_of_it_is_there(served: Served) -> None:
    async with served(max_body_bytes=1024) as client, wire(url_of(client)) as one:
        await one.send(posted(b"x" * 1025) + b"x" * 1025)
        assert await one.refusal() == (413, "BAD_USER_INPUT")


async def test_one_that_never_ends_is_not_waited_for(served: Served) -> None:
    async with served(body_timeout=0.3) as client, wire(url_of(client)) as one:
        await one.send(posted(BODY, length=len(BODY) + 1) + BODY)
        status, _, _ = await one.answer()
        assert status == 408
