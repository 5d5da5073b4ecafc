"""The metrics of several processes are read from files, while these come and go."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.values import MultiProcessValue

from api.telemetry.metrics.shared import of_all


def test_the_file_of_a_process_that_has_just_begun_is_let_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    value = MultiProcessValue(lambda: 7)  # type: ignore[no-untyped-call]
    counter = value("counter", "asked_total", "asked_total", (), (), "Asked.")
    counter.inc(3)
    # As it is between being made and being given its size; whoever is killed then leaves it so for good.
    (tmp_path / "counter_8.db").touch()
    assert b"asked_total 3.0" in generate_latest(of_all(tmp_path))
