"""Several server processes on one database, and what becomes of a response when one of them goes."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import httpx
import pytest

from tests.processes import paced_server
from tests.responding import CANCEL, SHOWN
from tests.scripted import counted, paced
from tests.watching import WATCHES, Watch, ask, begun_at, resumed, watched

LONG = paced(2000, 0.02)


def text_of(seen: list[dict[str, Any]]) -> str:
    return "".join(event.get("text", "") for event in seen)


@pytest.mark.parametrize("watch", WATCHES.values(), ids=WATCHES)
async def test_a_response_whose_process_is_killed_is_ended_by_another(
    database_url: str, watch: Watch
) -> None:
    with (
        paced_server(database_url, ORPHAN_TIMEOUT="4") as a,
        paced_server(database_url, ORPHAN_TIMEOUT="4") as b,
    ):
        id = await begun_at(a.address, LONG)
        before = await watched(watch, b.address, id, most=6)
        following = asyncio.create_task(watched(watch, b.address, id, after=before[-1]["seq"]))
        await asyncio.sleep(0.3)
        a.killed()
        killed_at = asyncio.get_running_loop().time()
        seen = before + await following
        assert asyncio.get_running_loop().time() - killed_at < 4
        assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
        assert seen[-1]["__typename"] == "ResponseFailed"
        assert seen[-1]["error"] == {"code": "RESPONSE_INTERRUPTED"}
        text = text_of(seen)
        assert text
        assert counted(2000).startswith(text)
        shown = (await ask(b.address, SHOWN, id=id))["response"]
        assert (shown["status"], shown["text"]) == ("FAILED", text)


async def test_a_process_that_starts_again_ends_what_it_left_behind(database_url: str) -> None:
    with paced_server(database_url, ORPHAN_TIMEOUT="1") as server:
        id = await begun_at(server.address, LONG)
        await watched(WATCHES["sse"], server.address, id, most=3)
        server.killed()
    with paced_server(database_url, ORPHAN_TIMEOUT="1") as server:
        seen = await watched(WATCHES["sse"], server.address, id)
        assert seen[-1]["error"] == {"code": "RESPONSE_INTERRUPTED"}
        assert seen[-1]["response"]["text"] == text_of(seen)


async def test_a_response_is_cancelled_from_another_process(database_url: str) -> None:
    with paced_server(database_url) as a, paced_server(database_url) as b:
        id = await begun_at(a.address, LONG)
        following = asyncio.create_task(watched(WATCHES["websocket"], a.address, id))
        await watched(WATCHES["sse"], b.address, id, most=3)
        cancelled = (await ask(b.address, CANCEL, id=id))["cancelResponse"]["response"]
        assert cancelled["status"] == "CANCELLED"
        seen = await following
        assert seen[-1]["__typename"] == "ResponseCancelled"
        assert text_of(seen) == cancelled["text"]


async def ready(address: str) -> int:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"{address}/readyz")).status_code


async def test_a_stop_lets_what_runs_finish_and_takes_nothing_new(database_url: str) -> None:
    with paced_server(database_url) as server:
        id = await begun_at(server.address, paced(80, 0.05))
        following = [
            asyncio.create_task(watched(watch, server.address, id)) for watch in WATCHES.values()
        ]
        await watched(WATCHES["sse"], server.address, id, most=3)
        server.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(2):
            while await ready(server.address) == 200:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        with pytest.raises(AssertionError, match="SERVICE_UNAVAILABLE"):
            await begun_at(server.address)
        for seen in await asyncio.gather(*following):
            assert seen[-1]["__typename"] == "ResponseCompleted"
            assert text_of(seen) == counted(80)
        code, said = await asyncio.to_thread(server.ended)
        assert code == 0
        assert "Traceback" not in said


@pytest.mark.parametrize("signals", [1, 2])
async def test_what_does_not_finish_in_time_is_interrupted_and_who_follows_goes_elsewhere(
    database_url: str, signals: int
) -> None:
    grace = "0.5" if signals == 1 else "60"
    with paced_server(database_url, SHUTDOWN_GRACE=grace) as a, paced_server(database_url) as b:
        here, there = await begun_at(a.address, LONG), await begun_at(b.address, paced(100, 0.03))
        told = [
            asyncio.create_task(resumed(watch, a.address, b.address, id))
            for watch in WATCHES.values()
            for id in (here, there)
        ]
        await asyncio.sleep(0.5)
        for _ in range(signals):
            a.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
        code, said = await asyncio.to_thread(a.ended)
        assert code == 0
        assert "Traceback" not in said
        seen_by_all = await asyncio.gather(*told)
        for seen in seen_by_all:
            assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
        for seen in seen_by_all[0::2]:
            assert seen[-1]["error"] == {"code": "RESPONSE_INTERRUPTED"}
            assert seen[-1]["response"]["text"] == text_of(seen)
        for seen in seen_by_all[1::2]:
            assert seen[-1]["__typename"] == "ResponseCompleted"
            assert text_of(seen) == counted(100)
