"""Telling what happened a moment later: within the same turn of the event loop, and in one go."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from api.observe import Fact, Observer, Telling


class soon(Telling):  # noqa: N801  # read as a word: `soon(one, another)`
    """One observer for several, who are told when the event loop comes to it; without one at once.

    Whoever is answered does not wait for it, and to tell of many facts in a row takes far less than to tell of each in
    the midst of something else. Whoever has `of_several` is told of them together.
    """

    def __init__(self, *observers: Observer) -> None:
        super().__init__(*observers)
        self._waiting: list[Fact] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        """The one that will come to it; None while nothing waits."""

    def __call__(self, fact: Fact) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._tell([fact])
            return
        self._waiting.append(fact)
        if self._loop is not loop:
            self._loop = loop
            loop.call_soon(self._tell_all)

    def told_of(self, kind: type[Fact]) -> list[Observer]:
        """Itself, if one of them is told of facts of this kind."""
        return [self] if super().told_of(kind) else []

    def _tell_all(self) -> None:
        facts, self._waiting, self._loop = self._waiting, [], None
        self._tell(facts)

    def _tell(self, facts: list[Fact]) -> None:
        heard: dict[Observer, list[Fact]] = defaultdict(list)
        told, told_of = self._told, super().told_of
        for fact in facts:
            kind = type(fact)
            for observer in told.get(kind) or told_of(kind):
                heard[observer].append(fact)
        for observer, some in heard.items():
            if of_several := getattr(observer, "of_several", None):
                of_several(some)
            else:
                for fact in some:
                    observer(fact)
