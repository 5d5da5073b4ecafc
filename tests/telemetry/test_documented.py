"""docs/operations.md says of each metric, log line and alert what it is; dashboard and rules know what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from api.observe import By, Kinds, OperationEnded, Spent
from api.telemetry.lines import EVENTS, FIELDS, line
from api.telemetry.metrics import Metrics
from tests.tables import rows

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text()
RULES = (ROOT / "deploy" / "prometheus-rules.yml").read_text()
DASHBOARD = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())

OF_PROCESSES = {"process_resident_memory_bytes", "up"}
"""What is not ours: from the library, and from Prometheus itself."""


def families() -> list[Any]:
    """Every metric that there is, in the order of names."""
    return sorted(Metrics().registry.collect(), key=lambda family: family.name)


def name_of(family: Any) -> str:
    return f"{family.name}_total" if family.type == "counter" else str(family.name)


def labels() -> dict[str, tuple[str, ...]]:
    """The labels of each metric, by its name without `_total`."""
    # There is no public way to the names of labels.
    collectors: list[Any] = list(Metrics().registry._collector_to_names)
    return {one._name: one._labelnames for one in collectors if hasattr(one, "_labelnames")}


def written(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def test_the_table_of_metrics_is_the_metrics() -> None:
    known = labels()
    expected = [
        [f"`{name_of(one)}`", one.type, written(known[one.name]), one.documentation]
        for one in families()
    ]
    assert rows(PAGE, "| metric | kind | labels | what it is |") == expected


def fields_of(kind: type) -> Iterator[str]:
    """The fields of a line, as they are written."""
    inner = {
        "by": FIELDS[By],
        "spent": FIELDS[Spent],
        "each": ("user_id", *Kinds._fields),
        "error": ("exception",),
    }
    for name in FIELDS[kind]:
        yield from inner.get(name, (name,))


def test_the_table_of_log_lines_is_the_log_lines() -> None:
    expected = [
        [f"`{event}`", level, written(dict.fromkeys(fields_of(kind)))]
        for kind, (event, level) in EVENTS.items()
    ]
    found = [row[:3] for row in rows(PAGE, "| event | level | fields | written when |")]
    # What only a slow operation has.
    assert found[0][2].count("`slow`, ") == 1
    found[0][2] = found[0][2].replace("`slow`, ", "")
    assert found == expected


def test_the_line_of_an_operation_has_all_the_fields_in_their_order() -> None:
    by = By("request-1", "key:cql_1", "user-1")
    fact = OperationEnded(by, "http", "query", "Read", ("TIMEOUT",), 2.0, Spent(), "sha256:0")
    told = [name for name in line(fact, slow_ms=1).fields if name != "slow"]
    assert told == list(fields_of(OperationEnded))


def test_the_table_of_alerts_is_the_rules() -> None:
    rules = re.findall(r"- alert: (\w+)\n(?:.*\n)*?\s+labels: \{ severity: (\w+) \}", RULES)
    found = [row[:2] for row in rows(PAGE, "| alert | severity | what to do |")]
    assert found == [[f"`{name}`", severity] for name, severity in rules]
    assert len(rules) == RULES.count("- alert:")


def samples() -> set[str]:
    """The names that a query may ask for."""
    names = {name_of(family) for family in families()}
    of_histograms = [family.name for family in families() if family.type == "histogram"]
    return names | {
        f"{name}_{part}" for name in of_histograms for part in ("bucket", "count", "sum")
    }


def test_dashboard_and_rules_ask_only_for_metrics_that_there_are() -> None:
    asked = [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]
    assert len(asked) > 50
    for text in (*asked, re.sub(r"#.*", "", RULES)):
        named = set(re.findall(r"\bcontextql_\w+|\bprocess_\w+", text))
        assert named <= samples() | OF_PROCESSES, named


def test_every_metric_of_ours_that_times_somebody_is_on_the_dashboard() -> None:
    text = json.dumps(DASHBOARD)
    for name in (
        "operation",
        "retrieval",
        "grounding",
        "time_to_first_token",
        "database",
        "pool_wait",
    ):
        for share in ("0.5", "0.95", "0.99"):
            assert re.search(
                rf"histogram_quantile\({share}, sum by \([a-z, ]+\) \(rate\(contextql_{name}_seconds_bucket",
                text,
            )
