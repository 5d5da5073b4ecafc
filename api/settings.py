"""Every knob of the server: one frozen model, read once at the start and passed on as values."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.retention import Days, Retentions

Bytes = Annotated[int, Field(ge=1024)]
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
MOST = 2**31 - 1
"""What fits into an `Int` of GraphQL."""
SHORTEST_SECRET = 32
"""Bytes; a shorter one could be guessed from a token."""

Names = Annotated[tuple[str, ...], NoDecode]

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")


class Settings(BaseSettings):
    """The table in docs/settings.md is held against these fields by a test."""

    model_config = SettingsConfigDict(
        env_prefix="CONTEXTQL_", env_file=".env", frozen=True, extra="ignore"
    )

    host: str = Field(
        "127.0.0.1", description="Address to listen on; any but loopback needs a credential first."
    )
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    graphiql: bool = Field(True, description="Serve GraphiQL to browsers at `/graphql`.")
    console: bool = Field(True, description="Serve the console to browsers at `/`.")

    jwt_secret: SecretStr | None = Field(
        None, description="Secret that tokens are signed with (HS256), 32 bytes or more."
    )
    jwt_jwks_url: str | None = Field(
        None,
        description="Where the issuer of tokens publishes its keys (RS256, ES256, EdDSA), as a JWK Set.",
    )
    jwt_issuer: str | None = Field(None, description="The `iss` that a token must have.")
    jwt_audience: str | None = Field(
        None,
        description="The `aud` that a token must have; without it, one that has any is refused.",
    )
    jwt_leeway: float = Field(
        10.0, ge=0, le=3600, description="Seconds by which the issuer's clock may be off."
    )
    jwt_service_claim: str | None = Field(
        None,
        pattern=r"^[^=\s]+=\S+$",
        description="Claim that makes a token a service's, such as `role=service`; lists and `scope` may hold it.",
    )

    database_url: SecretStr | None = Field(
        None,
        description="An existing PostgreSQL 15 or newer; without it the embedded one is started.",
    )
    data_dir: Path = Field(Path(".data"), description="Folder of the embedded PostgreSQL.")
    pool_size: Count = Field(10, description="Most connections that one process holds.")
    pool_wait: Seconds = Field(
        5.0, description="Seconds to wait for a free connection before `SERVICE_UNAVAILABLE`."
    )
    statement_timeout: Seconds = Field(10.0, description="Seconds that one SQL statement may take.")
    language: str = Field(
        "english",
        pattern=r"^[a-z_]{1,63}$",
        description="PostgreSQL text search configuration for stored text; `simple` suits any language.",
    )

    model: str = Field("extractive", description="Model that answers when a mutation names none.")
    models: Names = Field(
        (), description="Other models that a mutation may name, separated by commas."
    )
    fallback_models: Names = Field(
        (),
        description="Models that take over, in this order, from one that cannot begin its answer; separated by commas.",
    )
    model_timeout: Seconds = Field(
        120.0, description="Seconds that one response may take before `MODEL_TIMEOUT`."
    )
    model_first_timeout: Seconds = Field(
        60.0,
        description="Seconds that a model may take to begin, retries included, before the next one or `MODEL_TIMEOUT`.",
    )
    model_silence_timeout: Seconds = Field(
        30.0, description="Seconds that a model may pause in its answer before `MODEL_TIMEOUT`."
    )
    model_retries: int = Field(
        2, ge=0, le=10, description="Times that a model is tried again before its first words."
    )
    model_retry_pause: float = Field(
        0.5,
        ge=0,
        description="Seconds before the first retry, doubled for each next; a provider may ask for more.",
    )
    max_response_chars: Count = Field(
        100_000, description="Longest text of a response, in characters; one that is longer fails."
    )
    max_user_responses: Count = Field(
        10, description="Most unfinished responses of one user, before `RATE_LIMITED`."
    )
    max_responses: Count = Field(
        200, description="Most responses that one process generates at once, before `RATE_LIMITED`."
    )
    delta_pause: Seconds = Field(
        0.05,
        description="Seconds that an answer is gathered for before it is stored; its beginning goes out at once.",
    )
    orphan_timeout: Seconds = Field(
        15.0,
        description="Seconds after which a response whose process is gone has become `RESPONSE_INTERRUPTED`.",
    )
    database_patience: Seconds = Field(
        10.0, description="Seconds that a live response waits for a database that is away."
    )
    shutdown_grace: float = Field(
        10.0,
        ge=0,
        description="Seconds that running responses get to finish when the server is stopped.",
    )
    token_budget: int = Field(
        2000,
        ge=200,
        le=1_000_000,
        description="Tokens that a grounded prompt may take when a mutation names no budget.",
    )
    recent_turns: int = Field(
        10, ge=0, le=100, description="Newest turns of the conversation that grounding considers."
    )
    summary_model: str | None = Field(
        None, description="Model that summarises long conversations; without it the default one."
    )
    summary_after: int = Field(
        10,
        ge=0,
        description="New turns after which a conversation is summarised anew; 0: never.",
    )

    bm25_k1: float = Field(
        1.2,
        ge=0,
        le=10,
        description="How soon a word that is said again counts no more (BM25's k1).",
    )
    bm25_b: float = Field(
        0.75, ge=0, le=1, description="How much its length is held against a text (BM25's b)."
    )
    semantic_weight: float = Field(
        0.4,
        gt=0,
        le=10,
        description="What a find by meaning counts beside one by words, which counts 1.",
    )
    recency_half_life: float = Field(
        30.0,
        ge=0,
        description="Days after which the tenth of a score that age decides has halved; 0: age does not count.",
    )
    search_floor: float = Field(
        0.1, ge=0, le=1, description="What scores less than this part of the best find is noise."
    )
    embedding_model: str | None = Field(
        None,
        description="Model that search by meaning asks, such as `openai:text-embedding-3-small`; none by default.",
    )
    next_embedding_model: str | None = Field(
        None, description="Model that contexts are embedded by beside it, so that it can take over."
    )
    embedding_timeout: Seconds = Field(
        2.0,
        description="Seconds that the embedding of a message may take before search does without.",
    )
    embedding_keep: Seconds = Field(
        7 * 86_400.0,
        description="Seconds after which the embeddings of a model that no process wants are forgotten.",
    )
    large_user: Count = Field(
        20_000,
        description="Embedded contexts of one user above which an index over them is made.",
    )

    idempotency_keep: Seconds = Field(
        86_400.0,
        description="Seconds for which an idempotency key is known after its first use.",
    )
    retention: Retentions = Field(
        {"conversation": {"newest": 100, "days": 30}},
        validate_default=True,
        description=(
            "What is kept of a context type for each user: a context that is neither among the `newest` nor younger "
            "than so many `days` expires. Other types are kept for ever, and `{}` keeps all."
        ),
    )
    expiry_grace: Days = Field(
        30.0,
        description="Days after which a context that has expired is deleted for good, with its versions.",
    )
    deleted_keep: Days | None = Field(
        None,
        description="Days after which what was deleted is deleted for good; without it, it can be restored for ever.",
    )

    cors_origins: Names = Field(
        (),
        description="Origins whose pages may ask, separated by commas, such as `https://app.example`; `*`: every one.",
    )
    persisted_queries: bool = Field(
        True, description="Remember documents by their hash, as Apollo's persisted queries ask for."
    )
    trusted_documents: Path | None = Field(
        None, description="Manifest of the documents that are served, and no other."
    )
    max_operations: Count = Field(
        200,
        description="Most queries and mutations in flight in one process, before `SERVICE_UNAVAILABLE`.",
    )
    max_subscriptions: Count = Field(
        5_000, description="Most subscriptions of one process, before `SERVICE_UNAVAILABLE`."
    )
    max_sockets: Count = Field(
        5_000, description="Most WebSockets of one process; the next is refused with 503."
    )
    max_socket_operations: Count = Field(
        100, description="Most operations at once on one WebSocket, live ones included."
    )
    max_url_bytes: Bytes = Field(8 * 1024, description="Longest URL of a request.")
    max_head_bytes: Bytes = Field(32 * 1024, description="Largest header fields of a request.")
    max_body_bytes: Bytes = Field(4 * 1024 * 1024, description="Largest HTTP request body.")
    keep_alive: Seconds = Field(
        12.0, description="Seconds of silence after which an event stream sends a comment."
    )
    max_message_bytes: Bytes = Field(1024 * 1024, description="Largest WebSocket message.")
    head_timeout: Seconds = Field(
        10.0, description="Seconds that a client may take to send the head of a request."
    )
    idle_timeout: Seconds = Field(
        5.0, description="Seconds that a connection is kept open between two requests."
    )
    body_timeout: Seconds = Field(
        10.0, description="Seconds that a client may take to send a request body."
    )
    operation_timeout: Seconds = Field(
        150.0, description="Seconds that one query or mutation may take before `TIMEOUT`."
    )
    max_document_bytes: Bytes = Field(64 * 1024, description="Largest GraphQL document.")
    max_document_tokens: Count = Field(
        2_000, description="Most lexical tokens in a GraphQL document."
    )
    max_directives: Count = Field(50, description="Most directives in a GraphQL document.")
    max_variables: Count = Field(100, description="Most variables of an operation.")
    max_comparisons: Count = Field(
        5_000,
        description="Most selections, and pairs of fields under one name, that validation has to look at.",
    )
    max_depth: Count = Field(20, description="Deepest nesting of fields in an operation.")
    max_aliases: Count = Field(100, description="Most aliases in an operation, fragments expanded.")
    max_root_fields: Count = Field(
        50, description="Most fields at the root of an operation, fragments expanded."
    )
    max_cost: Count = Field(
        25_000, description="Most that an operation may cost, by the objects that it could return."
    )
    introspection: bool = Field(True, description="Answer `__schema` and `__type`.")
    suggestions: bool = Field(
        False, description="Say in validation errors which names of the schema are near."
    )
    rate_limit: int = Field(
        50_000,
        ge=0,
        le=MOST,
        description="Cost of all that one user may ask in a window, before `RATE_LIMITED`; 0: no limit.",
    )
    service_rate_limit: int = Field(
        1_000_000, ge=0, le=MOST, description="The same for each service key; 0: no limit."
    )
    generation_rate_limit: int = Field(
        60,
        ge=0,
        le=MOST,
        description="Answers that may be begun for one user in a window, before `RATE_LIMITED`; 0: no limit.",
    )
    rate_window: Count = Field(60, description="Seconds of such a window.")
    redis_url: SecretStr | None = Field(
        None,
        description="A Redis for all processes to count in, as `redis://127.0.0.1:6379/0`; without it each by itself.",
    )
    document_cache_bytes: Bytes = Field(
        16 * 1024 * 1024, description="Memory for parsed and validated documents."
    )

    workers: Count = Field(
        1,
        description="Processes that serve at the port; what is said of one process holds for each.",
    )
    metrics_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description=(
            "Port that `/metrics` is served at, to everybody who reaches it; "
            "without one it is at `CONTEXTQL_PORT`, for services only."
        ),
    )
    metrics_host: str = Field("127.0.0.1", description="Address to listen on at that port.")

    log_format: Literal["auto", "console", "json"] = Field(
        "auto",
        description="Log lines for people or for machines; `auto` asks whether it is a terminal.",
    )

    otlp_endpoint: str | None = Field(
        None,
        description=(
            "Collector that spans are sent to, as the base URL of its OTLP over HTTP, such as `http://127.0.0.1:4318`; "
            "without it there are no traces."
        ),
    )
    trace_sample: float = Field(
        1.0, ge=0, le=1, description="Part of the traces that is sent, of those that begin here."
    )

    slow_operation: Seconds = Field(
        1.0,
        description="Seconds from which on the log warns of a query or mutation, with the hash of its text.",
    )

    @field_validator("models", "fallback_models", "cors_origins", mode="before")
    @classmethod
    def _listed(cls, names: object) -> object:
        if isinstance(names, str):
            return tuple(name.strip() for name in names.split(",") if name.strip())
        return names

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin!r} is no origin; write it as a browser does: scheme, host and port without a path, "
                    "such as https://app.example"
                )
        return origins

    @field_validator("host", "metrics_host")
    @classmethod
    def _is_an_address(cls, host: str) -> str:
        if host != "localhost":
            ipaddress.ip_address(host)
        return host

    @field_validator("jwt_secret")
    @classmethod
    def _is_long(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and len(secret.get_secret_value().encode()) < SHORTEST_SECRET:
            raise ValueError(
                f"must have {SHORTEST_SECRET} bytes or more; make one with: openssl rand -base64 48"
            )
        if secret and secret.get_secret_value().startswith(("-----BEGIN", "ssh-")):
            raise ValueError(
                "must be a secret and no public key; those are fetched from CONTEXTQL_JWT_JWKS_URL"
            )
        return secret

    @field_validator("jwt_jwks_url")
    @classmethod
    def _is_http(cls, url: str | None) -> str | None:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("must be a URL such as https://issuer.example/.well-known/jwks.json")
        return url

    @field_validator("otlp_endpoint")
    @classmethod
    def _is_a_base_url(cls, url: str | None) -> str | None:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("must be a URL such as http://127.0.0.1:4318")
        return url or None

    @property
    def takes_tokens(self) -> bool:
        """Whether something says which tokens are good."""
        return bool(self.jwt_secret or self.jwt_jwks_url)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not url.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError(
                "must be a PostgreSQL URL such as postgresql://user@host:5432/contextql"
            )
        return url

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not url.get_secret_value().startswith(
            ("redis://", "rediss://", "redis+unix://")
        ):
            raise ValueError("must be a Redis URL such as redis://127.0.0.1:6379/0")
        return url
