"""Operations, what they take, and what is refused."""

from __future__ import annotations

from collections import defaultdict

from api.observe import (
    ContextsTouched,
    Faulted,
    LimitHit,
    OperationEnded,
    RequestRefused,
)
from api.telemetry.metrics import buckets
from api.telemetry.metrics.bounded import Names
from api.telemetry.metrics.making import Counted, CountedTogether, Making

PLACES = {"http", "generation", "upkeep", "summary", "plan"}
"""Where faults are told to be. That of any other is a path in an operation, which clients choose."""


class OfRequests:
    """Their metrics, and how facts are counted in them."""

    def __init__(self, make: Making) -> None:
        self._names = Names()
        self.counted: Counted = {
            RequestRefused: self._request_refused,
            LimitHit: self._limit_hit,
            Faulted: self._faulted,
        }
        self.together: CountedTogether = {
            OperationEnded: self._operations_ended,
            ContextsTouched: self._contexts_touched,
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
        self._faults = make.counters(
            "faults_total", "Errors that are the server's own; clients saw `INTERNAL`.", "place"
        )

    def _operations_ended(self, facts: list[OperationEnded]) -> None:
        alike: dict[tuple[str | None, str | None, str], list[OperationEnded]] = defaultdict(list)
        for fact in facts:
            alike[fact.kind, fact.name, fact.transport].append(fact)
        for (asked, named, transport), some in alike.items():
            kind, name = asked or "none", self._names.bounded(named)
            self._operations[kind, name, transport].inc(len(some))
            self._cost[kind].inc(sum([fact.spent.cost for fact in some]))
            for code in [code for fact in some for code in fact.codes]:
                self._errors[name, code].inc()
            if kind in {"query", "mutation"}:
                self._seconds[kind, name].observe_all([fact.duration_ms / 1000 for fact in some])
                self._statements[kind].observe_all([fact.spent.statements for fact in some])

    def _request_refused(self, fact: RequestRefused) -> None:
        self._refused[str(fact.status), fact.code].inc()

    def _limit_hit(self, fact: LimitHit) -> None:
        self._limit_hits[fact.limit].inc()

    def _contexts_touched(self, facts: list[ContextsTouched]) -> None:
        alike: dict[str, list[ContextsTouched]] = defaultdict(list)
        for fact in facts:
            alike[fact.operation].append(fact)
        for operation, some in alike.items():
            took = [(one.duration_ms / 1000, len(one.each)) for one in some]
            self._context_seconds[operation].observe_counted(took)
            contexts = [kinds.count for one in some for _, kinds in one.each]
            self._contexts[operation].inc(sum(contexts))

    def _faulted(self, fact: Faulted) -> None:
        self._faults[fact.where if fact.where in PLACES else "graph"].inc()
