"""Servers on loopback that speak as providers of models do: they answer by a script, and keep what they are sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.serving import serving_plainly

Event = tuple[str | None, dict[str, Any] | str]


class Cut(Exception):
    """The connection is cut here."""


@dataclass(frozen=True, slots=True)
class Says:
    """A stream of these pieces. An `asyncio.Event` is waited for; `Cut` cuts the connection."""

    pieces: Sequence[str | asyncio.Event | type[Cut]]
    usage: tuple[int, int] | None = (12, 3)
    ends: str | None = "stop"


@dataclass(frozen=True, slots=True)
class Refuses:
    """A status in place of an answer. The body repeats the key that was sent, as careless servers do."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Provider:
    """Answers each request by the next line of the script; the last one stays."""

    script: list[Says | Refuses]
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)

    @property
    def line(self) -> Says | Refuses:
        return self.script[min(len(self.bodies), len(self.script)) - 1]

    async def answered(
        self, request: Request, events: Callable[[Says], AsyncIterator[Event]]
    ) -> Response:
        self.bodies.append(await request.json())
        line = self.line
        if isinstance(line, Refuses):
            key = request.headers.get("authorization") or request.headers.get("x-api-key")
            body = {"type": "error", "error": {"type": "refused", "message": f"No: {key}"}}
            return JSONResponse(body, line.status, dict(line.headers))
        return StreamingResponse(_lines(events(line)), media_type="text/event-stream")


async def _lines(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    async for kind, data in events:
        text = data if isinstance(data, str) else json.dumps(data)
        yield f"event: {kind}\ndata: {text}\n\n" if kind else f"data: {text}\n\n"


async def _spoken(pieces: Iterable[str | asyncio.Event | type[Cut]]) -> AsyncIterator[str]:
    for piece in pieces:
        if isinstance(piece, asyncio.Event):
            await piece.wait()
        elif isinstance(piece, str):
            yield piece
        else:
            raise piece


async def chat_events(line: Says) -> AsyncIterator[Event]:
    """OpenAI's chat completions, which every compatible server speaks."""
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-mini"}

    def chunk(delta: dict[str, Any], ends: str | None = None) -> Event:
        return None, {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": ends}]}

    async for text in _spoken(line.pieces):
        yield chunk({"role": "assistant", "content": text})
    if line.ends:
        yield chunk({}, line.ends)
    if line.usage:
        read, wrote = line.usage
        usage = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
        yield None, {**head, "choices": [], "usage": usage}
    yield None, "[DONE]"


async def responses_events(line: Says) -> AsyncIterator[Event]:
    """OpenAI's newer interface."""
    read, wrote = line.usage or (0, 0)
    usage = {
        "input_tokens": read,
        "output_tokens": wrote,
        "total_tokens": read + wrote,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    whole: dict[str, Any] = {
        "id": "r1",
        "object": "response",
        "created_at": 1,
        "model": "gpt-4o-mini",
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }
    number = 0

    def event(kind: str, **data: Any) -> Event:
        nonlocal number
        number += 1
        return kind, {"type": kind, "sequence_number": number, **data}

    part = {"item_id": "m1", "output_index": 0, "content_index": 0}
    item = {"id": "m1", "type": "message", "role": "assistant", "content": []}
    yield event("response.created", response={**whole, "status": "in_progress"})
    yield event(
        "response.output_item.added", output_index=0, item={**item, "status": "in_progress"}
    )
    async for text in _spoken(line.pieces):
        yield event("response.output_text.delta", **part, delta=text, logprobs=[])
    yield event("response.completed", response={**whole, "status": "completed", "usage": usage})


async def message_events(line: Says) -> AsyncIterator[Event]:
    """Anthropic's messages."""
    read, wrote = line.usage or (0, 0)

    def event(kind: str, **data: Any) -> Event:
        return kind, {"type": kind, **data}

    message: dict[str, Any] = {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": read, "output_tokens": 1},
    }
    yield event("message_start", message=message)
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    async for text in _spoken(line.pieces):
        yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})
    yield event("content_block_stop", index=0)
    if line.ends:
        ends = {"stop": "end_turn", "length": "max_tokens"}[line.ends]
        yield event(
            "message_delta",
            delta={"stop_reason": ends, "stop_sequence": None},
            usage={"output_tokens": wrote},
        )
        yield event("message_stop")


@asynccontextmanager
async def provider(*script: Says | Refuses) -> AsyncIterator[Provider]:
    """A provider that speaks every wire format there is a test for."""
    one = Provider(list(script))

    def route(path: str, events: Callable[[Says], AsyncIterator[Event]]) -> Route:
        async def answer(request: Request) -> Response:
            return await one.answered(request, events)

        return Route(path, answer, methods=["POST"])

    app = Starlette(
        routes=[
            route("/v1/chat/completions", chat_events),
            route("/v1/responses", responses_events),
            route("/v1/messages", message_events),
        ]
    )
    async with serving_plainly(app) as one.url:
        yield one
