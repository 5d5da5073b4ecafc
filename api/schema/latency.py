"""How long something took, in the graph."""

from __future__ import annotations

import strawberry

from api.recent import Percentiles


@strawberry.type(description="How long something took; null where nothing was seen.")
class Latency:
    p50_ms: float | None = strawberry.field(description="Milliseconds that half took at most.")
    p95_ms: float | None = strawberry.field(description="Milliseconds that 95 in 100 took at most.")
    p99_ms: float | None = strawberry.field(description="Milliseconds that 99 in 100 took at most.")


def latency(took: Percentiles) -> Latency:
    return Latency(p50_ms=took.p50, p95_ms=took.p95, p99_ms=took.p99)
