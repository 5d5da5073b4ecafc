"""Measuring: by turns, so that a busy moment of the machine strikes all servers alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.bench.reading.load import Load, Target, put
from tests.bench.reading.pairs import Pair
from tests.bench.reading.servers import Running

FEW, MANY = 4, 16
"""Connections."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One load, and how many seconds of a processor the server and PostgreSQL took for it."""

    load: Load
    server: float
    postgres: float


@dataclass(slots=True)
class Measured:
    """The turns of one server with one workload."""

    many: list[Turn] = field(default_factory=list)
    few: list[Turn] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second, with many connections."""
        return median(turn.load.rate for turn in self.many)

    def beside(self, other: Measured) -> float:
        """How many times the other's answers a second it gives: of each round, so that a busy one strikes both."""
        both = zip(self.many, other.many, strict=True)
        return median(one.load.rate / theirs.load.rate for one, theirs in both)

    def server(self) -> float:
        """Milliseconds of a processor that the server takes for an answer."""
        return median(turn.server / turn.load.requests for turn in self.many) * 1000

    def postgres(self) -> float:
        """The same of PostgreSQL."""
        return median(turn.postgres / turn.load.requests for turn in self.many) * 1000

    def p50(self, *, few: bool = False) -> float:
        return median(turn.load.p50 for turn in (self.few if few else self.many))

    def p99(self) -> float:
        return median(turn.load.p99 for turn in self.many)


Results = dict[tuple[str, str], Measured]
"""By the names of the workload and the server."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long each turn is, in seconds, and how often it is each one's."""

    seconds: float
    rounds: int


def measured(pairs: Sequence[Pair], pace: Pace, folder: Path, clean: Callable[[], None]) -> Results:
    """All of them, in this order again and again; `clean` takes away what was written."""
    targets = [(pair, _target(pair, folder)) for pair in pairs]
    results: Results = {_names(pair): Measured() for pair in pairs}
    for number in range(pace.rounds + 1):
        for pair, target in targets:
            if number == 0:
                # Plans are made and code is compiled, at the server and in PostgreSQL.
                put(target, MANY, 1)
            else:
                _measure(pair.running, target, pace, results[_names(pair)])
            if pair.workload.writes:
                clean()
    return results


def _names(pair: Pair) -> tuple[str, str]:
    return pair.workload.name, pair.running.server.name


def _target(pair: Pair, folder: Path) -> Target:
    bodies = folder / f"{'-'.join(_names(pair))}.jsonl"
    bodies.write_bytes(b"\n".join(pair.workload.bodies()) + b"\n")
    return Target(pair.url, bodies, pair.running.server.authorization)


def _measure(running: Running, target: Target, pace: Pace, result: Measured) -> None:
    result.many.append(_turn(running, target, MANY, pace.seconds))
    result.few.append(_turn(running, target, FEW, max(1, pace.seconds / 3)))


def _turn(running: Running, target: Target, connections: int, seconds: float) -> Turn:
    before = running.computed()
    load = put(target, connections, seconds)
    taken = (after - was for was, after in zip(before, running.computed(), strict=True))
    return Turn(load, *taken)
