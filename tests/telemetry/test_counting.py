"""What facts count as: each of them, and no more series than there may be."""

from __future__ import annotations

from typing import get_args
from uuid import UUID

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families as parsed

from api.observe import (
    By,
    ContextsTouched,
    Ended,
    Fact,
    Kinds,
    LargestUsers,
    LimitHit,
    OperationEnded,
    ProcessMeasured,
    ResponseEnded,
    Spent,
    Waited,
)
from api.observe.stretches import Statement
from api.telemetry.metrics import Metrics
from api.telemetry.metrics.bounded import MOST_NAMES
from api.telemetry.metrics.metrics import UNCOUNTED

ADA, BEN = UUID(int=1), UUID(int=2)


def asked(name: str, duration_ms: float = 1.0) -> OperationEnded:
    by = By("request-1", "key:cql_1", "user-1")
    return OperationEnded(by, "http", "query", name, (), duration_ms, Spent(cost=3), None)


def told(metrics: Metrics) -> dict[str, float]:
    """Every sample, by its name and its labels as they are written."""
    text = generate_latest(metrics.registry).decode()
    return {
        f"{one.name}{dict(sorted(one.labels.items())) or ''}": one.value
        for family in parsed(text)
        for one in family.samples
    }


def test_every_fact_is_counted_or_known_not_to_be() -> None:
    counted = Metrics().hears
    assert counted | UNCOUNTED == set(get_args(Fact))
    assert not counted & UNCOUNTED


def test_a_thousand_names_of_operations_are_no_more_series_than_the_bound() -> None:
    metrics = Metrics()
    for number in range(1000):
        metrics(asked(f"Question{number}"))
    for odd in ("", "x" * 65, "not a name", "naïve", 'quoted"}'):
        metrics(asked(odd))
    samples = told(metrics)
    names = [name for name in samples if name.startswith("contextql_operations_total")]
    # Those that are known, the others together, and those without a name.
    assert len(names) == MOST_NAMES + 2
    assert sum(samples[name] for name in names) == 1005


def test_a_model_that_the_settings_do_not_name_is_another() -> None:
    metrics = Metrics(["extractive"])
    for model in ("extractive", "of:yesterday", "of:the day before"):
        metrics(ResponseEnded("r", "u", model, "COMPLETED", None, 10.0, 5.0, 0.5))
    samples = told(metrics)
    assert samples["contextql_responses_total{'model': 'extractive', 'status': 'COMPLETED'}"] == 1
    assert samples["contextql_responses_total{'model': 'other', 'status': 'COMPLETED'}"] == 2


def test_the_largest_users_are_told_by_their_rank_alone() -> None:
    metrics = Metrics()
    metrics(LargestUsers((("ada", 30, 3000), ("ben", 20, 2000))))
    metrics(LargestUsers((("ben", 40, 4000),)))
    samples = told(metrics)
    assert samples["contextql_largest_user_contexts{'rank': '1'}"] == 40
    assert samples["contextql_largest_user_bytes{'rank': '2'}"] == 0
    assert not any("ada" in name or "ben" in name for name in samples)


def test_what_is_counted_together_counts_as_if_each_came_by_itself() -> None:
    by = By("request-1", "key:cql_1", None)
    facts: list[Fact] = [
        *(asked(name, took) for name in ("One", "Two") for took in (0.5, 1.0, 1.5, 70_000.0)),
        OperationEnded(by, "sse", "subscription", "Three", ("INTERNAL",), 5.0, Spent(), None),
        OperationEnded(by, "http", None, None, ("PARSE_FAILED",), 0.1, Spent(), None),
        ContextsTouched("read", [(ADA, Kinds("knowledge", 3)), (BEN, Kinds("", 0))], 2.0, by),
        ContextsTouched("create", [(ADA, Kinds("profile", 1))], 20.0, by),
        ContextsTouched("read", [(ADA, Kinds("", 0))], 0.5, by),
        *(Waited(took) for took in (0.0, 0.25, 6_000.0)),
        *(Ended(Statement("select 1"), took, None) for took in (0.125, 3.0)),
        LimitHit("cost"),
    ]
    together, apart = Metrics(), Metrics()
    together.of_several(facts)
    for fact in facts:
        apart(fact)
    assert told(together) == pytest.approx(told(apart))
    assert told(together)["contextql_operation_seconds_count{'kind': 'query', 'name': 'One'}"] == 4


def test_whoever_had_a_connection_at_once_has_waited_for_nothing() -> None:
    metrics = Metrics()
    metrics(Waited(250.0))
    for lent in (0, 3):
        metrics(ProcessMeasured(1, 2, 10, lent, (), 0, 0, 0.0))
    samples = told(metrics)
    assert samples["contextql_pool_wait_seconds_count"] == 4
    assert samples["contextql_pool_wait_seconds_sum"] == 0.25
    assert samples["contextql_pool_wait_seconds_bucket{'le': '0.1'}"] == 3
