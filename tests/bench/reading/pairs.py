"""Who is asked what: each server that has an answer to a workload, in the words that it understands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.reading.postgraphile import cursors, translated
from tests.bench.reading.servers import Running
from tests.bench.reading.workloads import Workload


@dataclass(frozen=True, slots=True)
class Pair:
    """A server, and what it is asked."""

    running: Running
    workload: Workload

    @property
    def url(self) -> str:
        return f"{self.running.address}{self.running.server.path(self.workload)}"


def pairs(running: Sequence[Running], workloads: Sequence[Workload], users: int) -> list[Pair]:
    """Of each workload all servers, one after the other; there are so many users."""
    told = {one.server.name: _told(one, workloads, users) for one in running}
    return [
        Pair(one, told[one.server.name][workload.name])
        for workload in workloads
        for one in running
        if workload.name in told[one.server.name]
    ]


def _told(running: Running, workloads: Sequence[Workload], users: int) -> dict[str, Workload]:
    some = [one for one in workloads if one.name not in running.server.leaves_out]
    if running.server.name == "postgraphile":
        places = cursors(running.address, users)
        some = [translated(one, places) for one in some]
    return {one.name: one for one in some}
