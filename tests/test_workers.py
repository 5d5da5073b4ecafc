"""Several processes at one port, as a person starts them."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed

from api.telemetry.metrics import Metrics
from api.telemetry.metrics.port import PortTaken, served
from tests.credential import AUTHORIZED
from tests.processes import Afresh, Serving, paced_server
from tests.scripted import counted as counting_to
from tests.scripted import paced
from tests.waiting import until
from tests.watching import WATCHES, begun_at, resumed, watched

WHO = "query Who { viewer { role } }"


@contextmanager
def two_workers(database_url: str, **settings: str) -> Iterator[Serving]:
    server = Afresh(DATABASE_URL=database_url, WORKERS="2", **settings)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.killed()


def workers_of(server: Serving) -> list[psutil.Process]:
    """The processes that serve."""
    children = psutil.Process(server.process.pid).children()
    return [one for one in children if one.is_running() and "multiprocessing-fork" in words_of(one)]


def words_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def counted(url: str, name: str, headers: dict[str, str]) -> float:
    """The sum of all series of this name, as whoever answers tells it."""
    # A connection of its own for each question: any of the processes may take it.
    answer = httpx.get(url, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return sum(
        one.value for family in parsed(answer.text) for one in family.samples if one.name == name
    )


def status_for_nobody(url: str) -> int:
    return httpx.get(url, timeout=30).status_code


def ask(server: Serving, times: int) -> None:
    for _ in range(times):
        answer = httpx.post(server.url, json={"query": WHO}, headers=AUTHORIZED, timeout=30)
        assert answer.json()["data"] == {"viewer": {"role": "SERVICE"}}


async def test_whichever_process_is_asked_tells_what_all_have_counted(database_url: str) -> None:
    with two_workers(database_url) as server:
        url = f"{server.address}/metrics"
        ask(server, 20)
        told = {counted(url, "contextql_operations_total", AUTHORIZED) for _ in range(20)}
        assert told == {20}
        assert counted(url, "contextql_operation_seconds_count", AUTHORIZED) == 20
        assert counted(url, "contextql_workers", AUTHORIZED) == 2
        assert status_for_nobody(url) == 401
        assert server.stopped(signal.SIGTERM)[0] == 0


async def test_a_process_that_is_killed_is_started_again_and_what_it_has_counted_stays(
    database_url: str,
) -> None:
    with two_workers(database_url, METRICS_PORT="0") as server:
        (url,) = (word for word in server.greeting.split() if word.endswith("/metrics"))
        ask(server, 10)
        before = workers_of(server)
        assert len(before) == 2
        before[0].kill()
        await until(lambda: before[0] not in workers_of(server), 60)
        await until(lambda: len(workers_of(server)) == 2, 60)
        await until(lambda: counted(url, "contextql_workers", {}) == 2, 60)
        assert counted(url, "contextql_operations_total", {}) == 10
        parent = psutil.Process(server.process.pid)
        after = parent.children(recursive=True)
        assert server.stopped(signal.SIGINT)[0] == 0
        assert psutil.wait_procs(after, timeout=10)[1] == []


async def test_ctrl_c_lets_what_runs_finish_in_each_process(database_url: str) -> None:
    with paced_server(database_url, WORKERS="2") as server:
        begun = [await begun_at(server.address, paced(60, 0.05)) for _ in range(4)]
        # One that generates nothing ends at once, and who follows there is served by the other.
        following = [
            asyncio.create_task(resumed(WATCHES["sse"], server.address, server.address, id))
            for id in begun
        ]
        await watched(WATCHES["sse"], server.address, begun[-1], most=3)
        # A terminal tells all of them.
        for process in workers_of(server):
            process.send_signal(signal.SIGINT)
        server.process.send_signal(signal.SIGINT)
        for seen in await asyncio.gather(*following):
            assert seen[-1]["__typename"] == "ResponseCompleted"
            assert seen[-1]["response"]["text"] == counting_to(60)
        code, said = await asyncio.to_thread(server.ended)
        assert code == 0
        assert "Traceback" not in said


async def test_processes_end_with_a_parent_that_is_killed(database_url: str) -> None:
    with two_workers(database_url) as server:
        workers = workers_of(server)
        server.process.kill()
        assert psutil.wait_procs(workers, timeout=30)[1] == []
        server.ended()


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(PortTaken, match="in use"),
            served("127.0.0.1", port, Metrics().scraped),
        ):
            pass
