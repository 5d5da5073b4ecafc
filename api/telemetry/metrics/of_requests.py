"""Operations, what they take, and what is refused."""

from __future__ import annotations

from api.observe import (
    ContextTouched,
    Faulted,
    LimitHit,
    OperationEnded,
    RequestRefused,
    Waited,
)
from api.telemetry.metrics import buckets
from api.telemetry.metrics.bounded import Names
from api.telemetry.metrics.making import Counted, Making

PLACES = {"http", "generation", "upkeep", "summary", "plan"}
"""Where faults are told to be. That of any other is a path in an operation, which clients choose."""


class OfRequests:
    """Their metrics, and how facts are counted in them."""

    def __init__(self, make: Making) -> None:
        self._names = Names()
        self.counted: Counted = {
            OperationEnded: self._operation_ended,
            RequestRefused: self._request_refused,
            LimitHit: self._limit_hit,
            ContextTouched: self._context_touched,
            Waited: self._waited,
            Faulted: self._faulted,
        }
        self._operations = make.counters(
            "operations_total",
            "GraphQL operations that were answered, or refused before they began (`kind` is then `none`).",
            *("kind", "name", "transport"),
        )
        self._seconds = make.histograms(
            "operation_seconds",
            "How long queries and mutations took.",
            buckets.OPERATION,
            *("kind", "name"),
        )
        self._errors = make.counters(
            "operation_errors_total",
            "Operations that had an error with this code.",
            *("name", "code"),
        )
        self._cost = make.counters("operation_cost_total", "What operations were charged.", "kind")
        self._statements = make.histograms(
            "operation_statements",
            "SQL statements of one query or mutation.",
            buckets.STATEMENTS,
            "kind",
        )
        self._refused = make.counters(
            "refused_requests_total",
            "Requests that were refused before there was an operation.",
            *("status", "code"),
        )
        self._limit_hits = make.counters(
            "limit_hits_total", "How often a limit has refused.", "limit"
        )
        self._context_seconds = make.histograms(
            "context_operation_seconds",
            "How long contexts took to be read, searched or written.",
            buckets.OPERATION,
            "operation",
        )
        self._contexts = make.counters(
            "contexts_touched_total", "Contexts that were read, found or written.", "operation"
        )
        self._waits = make.histogram(
            "pool_wait_seconds",
            "How long a connection of the pool was waited for.",
            buckets.POOL_WAIT,
        )
        self._faults = make.counters(
            "faults_total", "Errors that are the server's own; clients saw `INTERNAL`.", "place"
        )

    def _operation_ended(self, fact: OperationEnded) -> None:
        name, kind = self._names.bounded(fact.name), fact.kind or "none"
        self._operations[kind, name, fact.transport].inc()
        self._cost[kind].inc(fact.spent.cost)
        for code in fact.codes:
            self._errors[name, code].inc()
        if fact.kind in {"query", "mutation"}:
            self._seconds[kind, name].observe(fact.duration_ms / 1000)
            self._statements[kind].observe(fact.spent.statements)

    def _request_refused(self, fact: RequestRefused) -> None:
        self._refused[str(fact.status), fact.code].inc()

    def _limit_hit(self, fact: LimitHit) -> None:
        self._limit_hits[fact.limit].inc()

    def _context_touched(self, fact: ContextTouched) -> None:
        self._context_seconds[fact.operation].observe(fact.duration_ms / 1000)
        self._contexts[fact.operation].inc(fact.count)

    def _waited(self, fact: Waited) -> None:
        self._waits.observe(fact.duration_ms / 1000)

    def _faulted(self, fact: Faulted) -> None:
        self._faults[fact.where if fact.where in PLACES else "graph"].inc()
