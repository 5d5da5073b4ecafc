"""How much each caller may ask: the same rule over the counters of one process and over a real Redis."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest

from api.errors import OperationTooCostly, RateLimited
from api.observe import Fact, SharedRatesLost
from api.rates import (
    Counters,
    InProcess,
    Quotas,
    Rates,
    Taken,
    Tolerance,
    Unusable,
    counting,
    require_usable,
)
from api.viewer import Role, Viewer
from tests.a_redis import a_redis

QUOTAS = Quotas(user=1000, service=5000, generations=3, window=60)


PATIENT = Tolerance(patience=30, pause=0)
"""As a busy machine needs it, and for who does not want to wait."""


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


def a_user(id: UUID | None = None, actor: str = "jwt") -> Viewer:
    return Viewer(Role.USER, actor, id or uuid4(), "somebody")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose name is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="cql") as name:
        yield Path(name)


@pytest.fixture
def redis_url(folder: Path) -> Iterator[str]:
    with a_redis(folder) as url:
        yield url


def unexpected(fact: Fact) -> None:
    raise AssertionError(fact)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "redis"])
async def counters(request: pytest.FixtureRequest, clock: Clock) -> AsyncIterator[Counters]:
    if request.param == "memory":
        yield InProcess(clock)
        return
    async with counting(request.getfixturevalue("redis_url"), unexpected, PATIENT) as shared:
        yield shared


@pytest.fixture
def rates(counters: Counters, clock: Clock) -> Rates:
    return Rates(QUOTAS, counters, clock)


async def taken(rates: Rates, viewer: Viewer, cost: int) -> Taken:
    one = await rates.take(viewer, cost)
    assert one is not None
    return one


async def remaining(rates: Rates, viewer: Viewer) -> int:
    standing = await rates.standing(viewer)
    assert standing is not None
    return standing.remaining


async def test_what_is_taken_is_missing_until_the_window_ends(rates: Rates, clock: Clock) -> None:
    ada = a_user()
    first = await taken(rates, ada, 600)
    assert (first.standing.limit, first.standing.remaining) == (1000, 400)
    assert first.standing.reset_at == datetime.fromtimestamp(1_800_000_060, UTC)
    with pytest.raises(RateLimited, match="may cost 500, and 400 of 1000 are left") as limited:
        await rates.take(ada, 500)
    assert limited.value.extensions == {
        "code": "RATE_LIMITED",
        "limit": 1000,
        "remaining": 400,
        "resetAt": "2027-01-15T08:01:00Z",
    }
    # What was refused has taken nothing.
    assert await remaining(rates, ada) == 400
    clock.time += 60
    assert (await taken(rates, ada, 1000)).standing.remaining == 0


async def test_what_was_not_needed_is_given_back_to_its_own_window(
    rates: Rates, clock: Clock
) -> None:
    ada = a_user()
    one = await taken(rates, ada, 900)
    assert (await rates.give_back(one, 850)).remaining == 950
    late = await taken(rates, ada, 900)
    clock.time += 60
    await taken(rates, ada, 100)
    await rates.give_back(late, 900)
    assert await remaining(rates, ada) == 900


async def test_callers_do_not_share_but_all_credentials_of_one_user_do(rates: Rates) -> None:
    id = uuid4()
    await taken(rates, a_user(id, "jwt"), 900)
    assert await remaining(rates, a_user(id, "key:cql_1")) == 100
    assert await remaining(rates, a_user()) == 1000
    one, other = Viewer(Role.SERVICE, "key:cql_1"), Viewer(Role.SERVICE, "key:cql_2")
    await taken(rates, one, 5000)
    assert (await remaining(rates, one), await remaining(rates, other)) == (0, 5000)


async def test_two_hundred_at_once_never_take_more_than_there_is(rates: Rates) -> None:
    ada, source = a_user(), Random(1)  # noqa: S311
    costs = [source.randint(1, 30) for _ in range(200)]

    async def attempted(cost: int) -> int:
        try:
            await rates.take(ada, cost)
        except RateLimited:
            return 0
        return cost

    admitted = sum(await asyncio.gather(*map(attempted, costs)))
    assert 1000 - 30 * 2 < admitted <= 1000
    assert await remaining(rates, ada) == 1000 - admitted


async def test_what_is_more_than_all_there_is_in_a_window_is_too_costly(rates: Rates) -> None:
    with pytest.raises(OperationTooCostly) as costly:
        await rates.take(a_user(), 1001)
    assert (costly.value.measure, costly.value.limit) == ("cost", 1000)


async def test_zero_is_no_limit(counters: Counters) -> None:
    free = Rates(Quotas(0, 0, 0), counters)
    assert await free.take(a_user(), 10**9) is None
    assert await free.standing(a_user()) is None
    for _ in range(10):
        async with free.generating(uuid4()):
            pass


async def test_only_answers_that_were_begun_count(rates: Rates, clock: Clock) -> None:
    ada = uuid4()

    async def begun(user: UUID, fails: bool = False) -> None:
        async with rates.generating(user):
            if fails:
                raise LookupError

    for _ in range(5):
        with pytest.raises(LookupError):
            await begun(ada, fails=True)
    for _ in range(3):
        await begun(ada)
    with pytest.raises(RateLimited, match="3 answers were begun"):
        await begun(ada)
    await begun(uuid4())
    clock.time += 60
    await begun(ada)


async def test_processes_share_one_redis(redis_url: str, clock: Clock) -> None:
    ada = a_user()
    async with (
        counting(redis_url, unexpected, PATIENT) as one,
        counting(redis_url, unexpected, PATIENT) as other,
    ):
        here, there = Rates(QUOTAS, one, clock), Rates(QUOTAS, other, clock)

        async def attempted(rates: Rates) -> bool:
            try:
                await rates.take(ada, 10)
            except RateLimited:
                return False
            return True

        outcomes = await asyncio.gather(*map(attempted, [here, there] * 100))
        assert sum(outcomes) == 100
        assert await remaining(here, ada) == await remaining(there, ada) == 0


async def test_while_redis_is_away_a_process_counts_for_itself_and_says_so_once(
    folder: Path, clock: Clock
) -> None:
    ada = a_user()
    facts: list[Fact] = []
    with a_redis(folder) as url:
        pass
    async with counting(url, facts.append, PATIENT) as counters:
        rates = Rates(QUOTAS, counters, clock)
        with a_redis(folder):
            await taken(rates, ada, 700)
            assert facts == []
        for left in (500, 0):
            assert (await taken(rates, ada, 500)).standing.remaining == left
        with pytest.raises(RateLimited):
            await rates.take(ada, 1)
        assert facts == [SharedRatesLost("ConnectionError")]
        with a_redis(folder):
            assert (await taken(rates, ada, 300)).standing.remaining == 700
    assert len(facts) == 1


async def test_a_process_forgets_windows_that_have_ended(clock: Clock) -> None:
    counters = InProcess(clock)
    rates = Rates(QUOTAS, counters, clock)
    for _ in range(100):
        await rates.take(a_user(), 1)
    clock.time += 2 * QUOTAS.window
    await rates.take(a_user(), 1)
    assert len(counters) == 1


@pytest.mark.parametrize("url", ["redis://u:secret@host", "redis://u:secret@host:port/0"])
def test_a_url_that_leads_nowhere_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Unusable, match="must have a host and a port") as refused:
        require_usable(url)
    assert "secret" not in str(refused.value)


def test_a_redis_that_is_away_at_the_start_is_no_reason_not_to_start() -> None:
    require_usable("redis://127.0.0.1:1/0")
