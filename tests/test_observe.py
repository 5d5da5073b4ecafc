"""Who is told of what happened."""

from __future__ import annotations

from api.observe import Fact, LimitHit, Waited, to_each, unseen

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
