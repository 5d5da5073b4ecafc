"""Settings that do not go together."""

from __future__ import annotations

from typing import Any

import pytest

from api.doctor.knobs import RULES, knobs
from api.settings import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104  # on purpose

BREAKING: list[tuple[dict[str, Any], str]] = [
    ({"summary_model": "openai:gpt-5-mini"}, "CONTEXTQL_SUMMARY_MODEL"),
    ({"statement_timeout": 200}, "CONTEXTQL_STATEMENT_TIMEOUT"),
    ({"pool_wait": 150}, "CONTEXTQL_POOL_WAIT"),
    ({"model_timeout": 150}, "CONTEXTQL_MODEL_TIMEOUT below"),
    ({"model_silence_timeout": 121}, "CONTEXTQL_MODEL_SILENCE_TIMEOUT"),
    ({"embedding_timeout": 150}, "CONTEXTQL_EMBEDDING_TIMEOUT"),
    ({"embedding_model": "a:b", "next_embedding_model": "a:b"}, "the change is done"),
    ({"max_body_bytes": 1024}, "CONTEXTQL_MAX_BODY_BYTES"),
    ({"rate_limit": 100}, "CONTEXTQL_MAX_COST"),
    ({"rate_limit": 0, "host": EVERYWHERE}, "CONTEXTQL_GENERATION_RATE_LIMIT"),
    ({"cors_origins": "*", "host": EVERYWHERE}, "CONTEXTQL_CORS_ORIGINS"),
    ({"jwt_jwks_url": "https://issuer.example/jwks"}, "CONTEXTQL_JWT_AUDIENCE"),
    (
        {
            "jwt_jwks_url": "http://issuer.example/jwks",
            "jwt_issuer": "https://issuer.example",
            "jwt_audience": "us",
        },
        "https",
    ),
]


def given(**settings: Any) -> Settings:
    return Settings(_env_file=None, **settings)


def test_the_defaults_go_together() -> None:
    assert [one.state for one in knobs(given())] == ["ok"]


@pytest.mark.parametrize(("settings", "remedy"), BREAKING, ids=lambda one: str(one)[:50])
def test_what_does_not_go_together_is_told_with_the_remedy(
    settings: dict[str, Any], remedy: str
) -> None:
    (found,) = knobs(given(**settings))
    assert found.state != "ok"
    assert remedy in found.remedy + found.detail


def test_every_rule_can_be_broken() -> None:
    broken = {one.detail for settings, _ in BREAKING for one in knobs(given(**settings))}
    assert broken == {rule.detail for rule in RULES}
