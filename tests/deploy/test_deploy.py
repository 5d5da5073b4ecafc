"""What is in `deploy/`: a real Prometheus reads it, scrapes a server, and answers every query of the dashboard."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.prometheus import program
from tests.telemetry.test_documented import ROOT

DEPLOY = ROOT / "deploy"


def promtool(*arguments: str, folder: Path = DEPLOY) -> None:
    done = subprocess.run(
        [program("promtool"), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_configuration_with_the_rules() -> None:
    promtool("check", "config", "prometheus.yml")


def test_alerts_are_heard_when_they_should_be_and_not_otherwise() -> None:
    promtool("test", "rules", "rules.test.yml", folder=Path(__file__).parent)
