"""The table: for each workload the servers, and how many times as fast as each of them ContextQL is."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.reading.measuring import Measured, Results
from tests.bench.reading.servers import Server
from tests.bench.reading.workloads import Workload

HEAD = (
    f"{'':34} {'answers/s':>10} {'ContextQL is':>13} {'p50':>8} {'p99':>8} {'p50 of 4':>9}"
    f" {'CPU':>8} {'PG CPU':>8}"
)


def show(results: Results, workloads: Sequence[Workload], servers: Sequence[Server]) -> None:
    """Medians. All times are milliseconds: latencies of 16 connections and of 4, and what the processors took for an
    answer, in the server and in PostgreSQL."""
    print(HEAD)
    for workload in workloads:
        print(f"{workload.name}  {workload.title}")
        ours = results.get((workload.name, "contextql"))
        for server in servers:
            print(_line(server, results.get((workload.name, server.name)), ours))
    for server in servers:
        first, deep = (results.get((name, server.name)) for name in ("Q5a", "Q5b"))
        if first and deep:
            print(f"{server.title}: a deep page takes {first.beside(deep):.2f} x as long as page 1")


def _line(server: Server, it: Measured | None, ours: Measured | None) -> str:
    if it is None:
        return f"    {server.title:30} {'—':>10}"
    beside = f"{ours.beside(it):.2f} x" if ours and ours is not it else ""
    return (
        f"    {server.title:30} {it.rate:10,.0f} {beside:>13} {it.p50():8.1f} {it.p99():8.1f} "
        f"{it.p50(few=True):9.1f} {it.server():8.3f} {it.postgres():8.3f}"
    )
