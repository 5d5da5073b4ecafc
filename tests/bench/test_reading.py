"""The measure of the read path: that what it stores is what it holds the servers' answers against."""

from __future__ import annotations

import asyncio
import os

import psutil
import pytest

from api.app import app_on
from api.models import MODELS
from api.observe import unseen
from api.settings import Settings
from db.pool import Access, Database
from tests.bench.peers import naive, raw
from tests.bench.reading.checking import check, difference, plain
from tests.bench.reading.pairs import pairs
from tests.bench.reading.people import Stored
from tests.bench.reading.seeding import seed
from tests.bench.reading.servers import SERVERS, Running
from tests.bench.reading.workloads import workloads
from tests.serving import serving, serving_plainly

FEW = 22


def running(name: str, address: str) -> Running:
    (server,) = (one for one in SERVERS if one.name == name)
    here = psutil.Process(os.getpid())
    return Running(server, address, here, here)


async def test_ours_the_limit_and_the_naive_server_answer_what_is_stored(
    new_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_db.access.url
    stored = Stored(new_db.namespace, FEW, hoard=84)
    await seed(url, stored)
    monkeypatch.setenv("DATABASE_URL", url)
    settings = Settings(_env_file=None)
    ours = app_on(settings, Access(url=url), models=MODELS, observe=unseen)
    async with (
        serving(ours, settings) as contextql,
        serving_plainly(raw.app) as limit,
        serving_plainly(naive.app) as plainly,
    ):
        some = [running("contextql", contextql), running("raw", limit), running("naive", plainly)]
        asked = pairs(some, workloads(stored), FEW)
        assert {pair.workload.name for pair in asked} == {
            *("Q1", "Q2", "Q3", "Q4", "Q5a", "Q5b", "Q6", "Q8"),
        }
        for pair in asked:
            await asyncio.to_thread(check, pair)


def test_answers_are_the_same_whatever_ids_and_times_look_like() -> None:
    ours = {
        "id": "QwEjRWeJq83vASNFZ4mrze8AAAAAAAAAAAAAAAAAAAAB",
        "createdAt": "2026-11-23T10:00:00Z",
    }
    theirs = {
        "id": "00000000-0000-0000-0000-000000000001",
        "createdAt": "2026-11-23T10:00:00+00:00",
    }
    assert difference(plain(ours), plain(theirs)) is None


def test_an_answer_that_is_another_is_told_by_its_place() -> None:
    ours = {"edges": [{"node": {"version": 1}}, {"node": {"version": 2}}]}
    theirs = {"edges": [{"node": {"version": 1}}, {"node": {"version": 3}}]}
    assert difference(ours, theirs) == "data.edges[1].node.version is 2, not 3"
    assert difference(ours, {"edges": ours["edges"][:1]}) is not None
