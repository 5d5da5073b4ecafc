"""Who is told of what happened."""

from __future__ import annotations

import asyncio

from api.observe import Ended, Fact, LimitHit, Waited, hears_of, to_each, unseen
from api.observe.soon import soon
from api.observe.stretches import Batch, Execution, Statement

HIT, WAITED = LimitHit("cost"), Waited(1.0)


class OfLimits:
    """Hears of limits alone."""

    hears = frozenset({LimitHit})

    def __init__(self) -> None:
        self.heard: list[Fact] = []

    def __call__(self, fact: Fact) -> None:
        self.heard.append(fact)


def test_each_is_told_of_what_it_hears_and_whoever_says_nothing_of_that_is_told_of_all() -> None:
    facts: list[Fact] = []
    of_limits = OfLimits()
    tell = to_each(unseen, of_limits, facts.append)
    for fact in (WAITED, HIT, WAITED):
        tell(fact)
    assert facts == [WAITED, HIT, WAITED]
    assert of_limits.heard == [HIT]


def test_those_for_whom_another_one_tells_are_told_in_their_order() -> None:
    facts: list[tuple[str, Fact]] = []
    of_limits = OfLimits()
    inner = to_each(lambda fact: facts.append(("first", fact)), of_limits)
    to_each(inner, lambda fact: facts.append(("second", fact)))(WAITED)
    assert facts == [("first", WAITED), ("second", WAITED)]
    assert of_limits.heard == []


class OfStatements:
    """Has a use for the ends of statements alone."""

    hears = frozenset({Ended})
    stretches = frozenset({Statement})

    def __call__(self, _: Fact) -> None:
        pass


def test_nobody_is_told_of_a_stretch_that_nobody_has_a_use_for() -> None:
    inner = to_each(OfStatements(), OfLimits())
    for tell in (inner, to_each(inner), soon(inner)):
        assert hears_of(tell, Statement)
        assert not hears_of(tell, Batch)
        assert not hears_of(tell, Execution)
    assert hears_of(to_each(inner, unseen), Batch)


class Together:
    """Hears of several facts at a time."""

    def __init__(self) -> None:
        self.heard: list[list[Fact]] = []

    def __call__(self, fact: Fact) -> None:
        self.of_several([fact])

    def of_several(self, facts: list[Fact]) -> None:
        self.heard.append(facts)


async def test_what_happens_in_one_turn_of_the_loop_is_told_in_the_next_and_in_its_order() -> None:
    facts: list[Fact] = []
    together, of_limits = Together(), OfLimits()
    tell = to_each(soon(together, facts.append, of_limits))
    for fact in (WAITED, HIT, WAITED):
        tell(fact)
    assert not facts
    await asyncio.sleep(0)
    assert facts == [WAITED, HIT, WAITED]
    assert together.heard == [facts]
    assert of_limits.heard == [HIT]
    tell(HIT)
    await asyncio.sleep(0)
    assert facts[3:] == together.heard[1] == [HIT]


def test_what_is_told_where_no_loop_runs_is_told_at_once() -> None:
    facts: list[Fact] = []
    soon(facts.append)(HIT)
    assert facts == [HIT]


def test_what_a_loop_did_not_come_to_is_told_by_the_next() -> None:
    facts: list[Fact] = []
    tell = soon(facts.append)

    loop = asyncio.new_event_loop()

    def stopped() -> None:
        loop.stop()
        tell(WAITED)

    loop.call_soon(stopped)
    loop.run_forever()
    loop.close()

    async def another() -> None:
        tell(HIT)
        await asyncio.sleep(0)

    asyncio.run(another())
    assert facts == [WAITED, HIT]
