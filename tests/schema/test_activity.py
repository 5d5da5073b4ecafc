"""`Stats.activity`: what the server has done over time, for services."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.settings import Settings
from db import activity
from db.activity import Minute, ModelCounts, StoreSize
from db.pool import Access, Database, opened
from tests.asking import Asker
from tests.credential import AUTHORIZED
from tests.databases import run_sql
from tests.serving import serving
from tests.watching import ask

ACTIVITY = """query($minutes: Int! = 60, $points: Int! = 60) {
  stats { activity(minutes: $minutes, points: $points) {
    since
    points {
      at seconds operations errors responses failedResponses
      retrieval { p50Ms p95Ms p99Ms } firstToken { p50Ms p95Ms p99Ms }
      store { users contexts responses bytes }
    }
    models { model responses failed inputTokens outputTokens costUsd }
  } }
}"""
NOTHING = {"p50Ms": None, "p95Ms": None, "p99Ms": None}
ANSWER = """mutation($user: ID!) {
  generateResponse(input: { userId: $user, message: "Does Ada play chess?" }) { response { status } }
}"""
UPSERT = 'mutation { upsertUser(input: { externalId: "ada" }) { user { id } } }'
SETTINGS = Settings(_env_file=None)

A_WHILE_AGO = "update activity{0} set at = at - interval '10 minutes' where seconds = 60"


async def shown(asker: Asker, **asked: int) -> Any:
    return (await asker.data(ACTIVITY, **asked))["stats"]["activity"]


async def minutes_ago(db: Database, minutes: int, **counted: Any) -> datetime:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    at = now - timedelta(minutes=minutes)
    await activity.add(db, Minute(at, **counted))
    return at


def written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


async def test_a_young_server_has_an_hour_of_nothing_and_is_still_counting(asker: Asker) -> None:
    found = await shown(asker)
    assert (found["since"], found["models"], len(found["points"])) == (None, [], 60)
    last = found["points"][-1]
    ends = datetime.fromisoformat(last.pop("at")) + timedelta(seconds=60)
    assert timedelta() <= datetime.now(UTC) - ends < timedelta(seconds=90)
    assert last == {
        "seconds": 60, "operations": 0, "errors": 0, "responses": 0, "failedResponses": 0,
        "retrieval": NOTHING, "firstToken": NOTHING, "store": None,
    }  # fmt: skip


async def test_what_was_counted_is_told_where_it_was(asker: Asker) -> None:
    db = asker.server.db
    at = await minutes_ago(
        db, 5, operations=7, errors=2, responses=3, failed_responses=1,
        retrieval=[0] * 50 + [3], first_token=[0] * 60 + [1], store=StoreSize(1, 2, 3, 2**40),
        models={"wise": ModelCounts("wise", 3, 1, 2**40, 50, 0.125)},
    )  # fmt: skip
    found = await shown(asker)
    assert found["since"] == written(at)
    assert found["models"] == [
        {"model": "wise", "responses": 3, "failed": 1, "inputTokens": 2**40, "outputTokens": 50, "costUsd": 0.125}
    ]  # fmt: skip
    (point,) = [one for one in found["points"] if one["operations"]]
    assert point["at"] == written(at)
    assert (point["errors"], point["responses"], point["failedResponses"]) == (2, 3, 1)
    assert (
        0
        < point["retrieval"]["p50Ms"]
        <= point["retrieval"]["p99Ms"]
        < point["firstToken"]["p50Ms"]
    )
    assert point["store"] == {"users": 1, "contexts": 2, "responses": 3, "bytes": 2**40}


@pytest.mark.parametrize(("minutes", "points"), [(60, 60), (60, 7), (1440, 96), (10_080, 56), (43_200, 2)])  # fmt: skip
async def test_in_whatever_stretches_everything_is_told_once(
    asker: Asker, minutes: int, points: int
) -> None:
    for ago in (1, 2, 31, 59):
        await minutes_ago(
            asker.server.db, ago, operations=1, models={"wise": ModelCounts("wise", 1)}
        )
    found = await shown(asker, minutes=minutes, points=points)
    assert len(found["points"]) <= points
    assert sum(one["operations"] for one in found["points"]) == 4
    assert found["models"][0]["responses"] == 4


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"minutes": 0}, "minutes is 0; it may be from 1 to 43200."),
        ({"minutes": 43_201}, "minutes is 43201; it may be from 1 to 43200."),
        ({"points": 1}, "points is 1; it may be from 2 to 500."),
        ({"points": 501}, "points is 501; it may be from 2 to 500."),
    ],
)
async def test_what_is_out_of_bounds_is_refused_with_the_bounds(
    asker: Asker, asked: dict[str, int], told: str
) -> None:
    error = await asker.error(ACTIVITY, **asked)
    assert (error["extensions"]["code"], error["message"]) == ("BAD_USER_INPUT", told)


async def test_a_user_is_refused_and_no_statement_is_sent(
    asker: Asker, statements: list[str]
) -> None:
    assert await asker.seen_by("ada").refused(ACTIVITY) == "FORBIDDEN"
    assert statements == []


async def test_only_what_is_asked_for_is_read(asker: Asker, statements: list[str]) -> None:
    statements.clear()
    await asker.data("{ stats { activity { points { at operations } } } }")
    assert len(statements) == 2


@asynccontextmanager
async def a_process(url: str) -> AsyncIterator[str]:
    """A server as it is served, with its own count; gives its address."""
    app = create_app(SETTINGS, url, observe=lambda _: None)
    async with serving(app, SETTINGS) as address:
        yield address


async def work(address: str) -> None:
    """Three operations: one of them an answer, and one that is refused."""
    user = (await ask(address, UPSERT))["upsertUser"]["user"]["id"]
    await ask(address, ANSWER, user=user)
    async with httpx.AsyncClient(headers=AUTHORIZED) as client:
        refused = await client.post(f"{address}/graphql", json={"query": "{ nobody }"})
    assert "errors" in refused.json()


async def test_two_processes_add_up_and_a_new_one_tells_what_they_did(
    database_url: str,
) -> None:
    async with a_process(database_url) as one, a_process(database_url) as other:
        await asyncio.gather(work(one), work(other))
    # As if it had been a while ago; the minute that runs is not told.
    for table in ("", "_of_models"):
        await run_sql(database_url, A_WHILE_AGO.format(table))
    async with a_process(database_url) as third:
        found = (await ask(third, ACTIVITY))["stats"]["activity"]
    points = found["points"]
    assert sum(one["operations"] for one in points) == 6
    assert sum(one["errors"] for one in points) == 2
    assert sum(one["responses"] for one in points) == 2
    (model,) = found["models"]
    assert (model["model"], model["responses"], model["failed"]) == ("extractive", 2, 0)
    for name in ("retrieval", "firstToken"):
        assert any((one[name]["p50Ms"] or 0) > 0 for one in points)
    assert any(one["store"] and one["store"]["users"] <= 1 for one in points)


async def test_there_is_nothing_of_any_user_in_it(database_url: str, reached: Access) -> None:
    async with a_process(database_url) as address:
        await work(address)
    async with opened(reached) as db:
        rows = await db.fetch("select to_jsonb(a) as row from activity_of_models a")
        rows = [*rows, *await db.fetch("select to_jsonb(a) as row from activity a")]
    assert rows
    assert not any("ada" in str(row["row"]).lower() for row in rows)
