"""Nobody waits a second for a look."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.server.LOOK_SECONDS", 0.1)
