"""Settings that are each valid, and do not go together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.doctor.finding import Finding, State, ok
from api.settings import Settings


@dataclass(frozen=True, slots=True)
class Rule:
    is_broken: Callable[[Settings], object]
    detail: str
    remedy: str
    state: State = "warn"


def _unlisted_summary_model(settings: Settings) -> bool:
    named = {"extractive", settings.model, *settings.models, None}
    return settings.summary_model not in named


def _open_issuer(settings: Settings) -> bool:
    return bool(settings.jwt_jwks_url) and not (settings.jwt_issuer and settings.jwt_audience)


def _plain_issuer(settings: Settings) -> bool:
    url = settings.jwt_jwks_url or ""
    here = ("http://127.0.0.1", "http://localhost", "http://[::1]")
    return url.startswith("http://") and not url.startswith(here)


RULES = (
    Rule(
        _unlisted_summary_model,
        "CONTEXTQL_SUMMARY_MODEL names a model that is not among the others",
        "add it to CONTEXTQL_MODELS",
        "fail",
    ),
    Rule(
        lambda it: it.statement_timeout > it.operation_timeout,
        "a statement may take longer than the operation that it is a part of",
        "set CONTEXTQL_STATEMENT_TIMEOUT below CONTEXTQL_OPERATION_TIMEOUT",
    ),
    Rule(
        lambda it: it.pool_wait >= it.operation_timeout,
        "an operation may end before it has been given a connection",
        "set CONTEXTQL_POOL_WAIT below CONTEXTQL_OPERATION_TIMEOUT",
    ),
    Rule(
        lambda it: it.model_timeout >= it.operation_timeout,
        "whoever waits for an answer may be given up before the model is",
        "set CONTEXTQL_MODEL_TIMEOUT below CONTEXTQL_OPERATION_TIMEOUT",
    ),
    Rule(
        lambda it: max(it.model_first_timeout, it.model_silence_timeout) > it.model_timeout,
        "a model may be silent for longer than its whole answer may take",
        "set CONTEXTQL_MODEL_FIRST_TIMEOUT and CONTEXTQL_MODEL_SILENCE_TIMEOUT below CONTEXTQL_MODEL_TIMEOUT",
    ),
    Rule(
        lambda it: it.embedding_timeout >= it.operation_timeout,
        "an operation may end before search does without embeddings",
        "set CONTEXTQL_EMBEDDING_TIMEOUT below CONTEXTQL_OPERATION_TIMEOUT",
    ),
    Rule(
        lambda it: it.embedding_model and it.embedding_model == it.next_embedding_model,
        "CONTEXTQL_NEXT_EMBEDDING_MODEL is the model that serves already",
        "unset it; the change is done",
    ),
    Rule(
        lambda it: min(it.max_body_bytes, it.max_message_bytes) < it.max_document_bytes,
        "a document that is allowed does not fit into a request that is",
        "set CONTEXTQL_MAX_BODY_BYTES and CONTEXTQL_MAX_MESSAGE_BYTES above CONTEXTQL_MAX_DOCUMENT_BYTES",
    ),
    Rule(
        lambda it: any(0 < limit < it.max_cost for limit in (it.rate_limit, it.service_rate_limit)),
        "an operation that is allowed costs more than anybody may ask in a window",
        "set the rate limits above CONTEXTQL_MAX_COST, or that lower",
    ),
    Rule(
        lambda it: not it.is_loopback and 0 in {it.rate_limit, it.generation_rate_limit},
        "other machines can reach the server, and a limit on what one user may ask is off",
        "set CONTEXTQL_RATE_LIMIT and CONTEXTQL_GENERATION_RATE_LIMIT",
    ),
    Rule(
        lambda it: not it.is_loopback and "*" in it.cors_origins,
        "pages of every origin may ask",
        "list yours in CONTEXTQL_CORS_ORIGINS",
    ),
    Rule(
        _open_issuer,
        "tokens that the issuer made for other services, or in another's name, may be taken",
        "set CONTEXTQL_JWT_ISSUER and CONTEXTQL_JWT_AUDIENCE",
    ),
    Rule(
        _plain_issuer,
        "the keys that tokens are checked with come over an unencrypted connection",
        "use https in CONTEXTQL_JWT_JWKS_URL",
    ),
)


def knobs(settings: Settings) -> Sequence[Finding]:
    broken = [rule for rule in RULES if rule.is_broken(settings)]
    return [Finding("settings", rule.state, rule.detail, rule.remedy) for rule in broken] or [
        ok("settings", "valid, and go together")
    ]
