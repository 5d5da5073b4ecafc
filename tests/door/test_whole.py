"""Answers that are written in one piece are those that uvicorn would have written in two."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.door.answer import Answer
from api.door.headers import Secured, of_every_answer
from api.listen import configuration
from api.settings import Settings
from tests.door.raw import wire
from tests.serving import Plain, address_of, running


async def in_pieces() -> AsyncIterator[bytes]:
    yield b"one "
    yield b"two"


class Whole:
    """An application with an answer of our own, whose head is written in one step."""

    def __init__(self, written: str = "") -> None:
        self._written = written

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = Answer(scope, "request-1", b"{}", 200, "application/json", self._written)
        await answer(scope, receive, send)


ANSWERS = {
    "plain": lambda _: Response(b"{}", headers={"Content-Type": "application/json"}),
    "empty": lambda _: Response(b"", 400),
    "of-a-field-of-its-own": lambda _: Response(
        b"{}", headers={"Content-Type": "a/b", "X-Own": "1"}
    ),
    "twice-a-field": lambda _: twice(),
    "without-content": lambda _: Response(status_code=204),
    "in-pieces": lambda _: StreamingResponse(in_pieces()),
    "closing": lambda _: Response(b"{}", headers={"Connection": "close"}),
}


def twice() -> Response:
    response = Response(b"{}", headers={"Vary": "Accept"})
    response.headers.append("Vary", "Authorization")
    return response


BROKEN = {
    "a-field-of-two-lines": lambda _: Response(b"{}", headers={"Vary": "a\r\nX-Injected: 1"}),
    "one-of-two-that-is-so": lambda _: broken_twice(),
    "longer-than-it-says": lambda _: Response(b"{}", headers={"Content-Length": "1"}),
}


def broken_twice() -> Response:
    response = Response(b"{}", headers={"Vary": "a\nb"})
    response.headers.append("Vary", "fine")
    return response


WHOLE = {
    "whole": Whole(),
    "whole-with-rates": Whole("ratelimit: 1\r\n"),
}

APP = Starlette(
    routes=[
        *(Route(f"/{path}", said) for path, said in {**ANSWERS, **BROKEN}.items()),
        *(Route(f"/{path}", said) for path, said in WHOLE.items()),
    ],
    middleware=[Middleware(Secured)],
)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    server = Plain(configuration(APP, Settings(_env_file=None, port=0)))
    async with running(server):
        yield address_of(server)


async def asked(url: str, path: str, connection: str, method: str = "GET") -> tuple[bytes, bytes]:
    """Head and body, all that comes until the connection ends; the second request ends it in any case."""
    head = f"{method} /{path} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\r\n"
    end = "GET /plain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    async with wire(url) as one:
        await one.send(f"{head}{end}".encode())
        said = await one.ended()
    head_of_it, _, rest = said.partition(b"\r\n\r\n")
    return head_of_it, rest.split(b"HTTP/1.1 ")[0]


def fields(head: bytes) -> list[bytes]:
    """The status and the fields in their order, but when it was and whether the connection ends."""
    passing = (b"date:", b"connection:")
    return [line for line in head.split(b"\r\n") if not line.startswith(passing)]


@pytest.mark.parametrize("path", [*ANSWERS, *WHOLE])
async def test_it_is_the_same_whether_the_connection_is_kept_or_not(url: str, path: str) -> None:
    # Where the connection ends with the answer, uvicorn writes it.
    kept, ended = await asked(url, path, "keep-alive"), await asked(url, path, "close")
    assert fields(kept[0]) == fields(ended[0])
    assert kept[1] == ended[1]


@pytest.mark.parametrize("path", ["plain", *WHOLE])
async def test_who_asks_for_the_head_gets_no_more(url: str, path: str) -> None:
    head, body = await asked(url, path, "keep-alive", "HEAD")
    assert fields(head) == fields((await asked(url, path, "keep-alive"))[0])
    assert body == b""


async def test_a_whole_answer_has_all_that_every_answer_has(url: str) -> None:
    head, body = await asked(url, "whole-with-rates", "keep-alive")
    assert fields(head) == [
        b"HTTP/1.1 200 OK",
        b"ratelimit: 1",
        b"content-type: application/json; charset=utf-8",
        b"content-length: 2",
        b"x-request-id: request-1",
        b"vary: Accept, Authorization",
        *(b"%s: %s" % field for field in of_every_answer("http")),
    ]
    assert body == b"{}"


@pytest.mark.parametrize("path", BROKEN)
async def test_what_would_break_the_protocol_is_not_written(url: str, path: str) -> None:
    kept, ended = await asked(url, path, "keep-alive"), await asked(url, path, "close")
    assert b"Injected" not in kept[0]
    assert kept[0].split(b"\r\n")[0] == ended[0].split(b"\r\n")[0]
