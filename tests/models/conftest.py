"""The providers' names for keys and base URLs, with nothing in them of whoever runs the tests."""

from __future__ import annotations

import pytest

KEY = "sk-very-secret-4711"
"""The key of every provider in these tests."""

VARIABLES = ("OPENAI", "ANTHROPIC", "OLLAMA", "GOOGLE", "GEMINI")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment to set the providers' variables in."""
    for provider in VARIABLES:
        for kind in ("API_KEY", "BASE_URL"):
            monkeypatch.delenv(f"{provider}_{kind}", raising=False)
    return monkeypatch


def point(environment: pytest.MonkeyPatch, url: str) -> None:
    """Let every provider's variables lead to this server."""
    for name, base in (("OPENAI", f"{url}/v1"), ("OLLAMA", f"{url}/v1"), ("ANTHROPIC", url)):
        environment.setenv(f"{name}_API_KEY", KEY)
        environment.setenv(f"{name}_BASE_URL", base)
