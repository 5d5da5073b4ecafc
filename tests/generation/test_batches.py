"""Small pieces become larger ones, and the first is not held back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from api.generation.batches import batches
from api.models import Prompt
from db.pool import Access
from tests.responding import a_user, events, generated, scripted
from tests.scripted import Scripted


def spoken(*pieces: str | asyncio.Event | Exception) -> Any:
    return Scripted(pieces).stream(Prompt(messages=(), sources=(), message=""))


async def test_the_first_piece_is_given_at_once_and_then_what_has_come_meanwhile() -> None:
    go_on = asyncio.Event()
    texts = batches(spoken("a", "b", "c", go_on, "d"), 0.05)
    assert await anext(texts) == "a"
    assert await anext(texts) == "bc"
    go_on.set()
    assert [text async for text in texts] == ["d"]


async def test_a_pause_is_not_waited_out_once_the_model_has_ended() -> None:
    async with asyncio.timeout(5):
        assert [text async for text in batches(spoken("a", "b"), 3600)] == ["a", "b"]
        assert [text async for text in batches(spoken(), 3600)] == []


async def test_what_was_said_before_a_failure_is_given_before_it() -> None:
    texts = batches(spoken("a", "b", ValueError("away")), 0.01)
    assert await anext(texts) == "a"
    assert await anext(texts) == "b"
    with pytest.raises(ValueError, match="away"):
        await anext(texts)


async def test_whoever_stops_listening_stops_the_model() -> None:
    left = asyncio.Event()

    async def endless() -> AsyncGenerator[str, None]:
        try:
            while True:
                yield "x"
                await asyncio.sleep(0)
        finally:
            left.set()

    texts = batches(endless(), 0.01)
    assert await anext(texts) == "x"
    await texts.aclose()
    assert left.is_set()


async def test_a_fast_model_is_not_a_flood_of_statements(
    reached: Access, statements: list[str]
) -> None:
    words = [f"{number} " for number in range(1000)]
    async with scripted(reached, *words) as (asker, _):
        user = await a_user(asker)
        statements.clear()
        response = await generated(asker, user)
        assert response["text"] == "".join(words)
        appended = [one for one in statements if "insert into response_events" in one]
        assert 1 < len(appended) < 20
        seen = await events(asker, response["id"])
        assert "".join(event.get("text", "") for event in seen) == "".join(words)
