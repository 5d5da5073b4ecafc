"""What happened: small frozen facts. Code observes; log lines are made from the facts in one place, here."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal, assert_never

import structlog


@dataclass(frozen=True, slots=True)
class OperationEnded:
    """A GraphQL operation was answered, or refused before it began (`kind` is then None)."""

    request_id: str
    transport: str
    """`http`, `sse` or `websocket`."""
    kind: str | None
    """`query`, `mutation` or `subscription`."""
    name: str | None
    codes: tuple[str, ...]
    """`extensions.code` of each error; empty when all went well."""
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Faulted:
    """An error that is ours: a client saw `INTERNAL`."""

    request_id: str
    where: str
    error: BaseException


@dataclass(frozen=True, slots=True)
class ResponseEnded:
    """A response reached its last state."""

    response_id: str
    user_id: str
    model: str
    status: str
    code: str | None
    duration_ms: float


@dataclass(frozen=True, slots=True)
class ModelPassedOver:
    """A model could not begin its answer, and another one answers."""

    response_id: str
    model: str
    answering: str
    why: str


@dataclass(frozen=True, slots=True)
class ListenerLost:
    """The listening connection went away and is being made anew."""

    reason: str


@dataclass(frozen=True, slots=True)
class SharedRatesLost:
    """The Redis of the rate limits does not answer; until it does, each process counts for itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class IssuerLost:
    """The keys of the issuer of tokens cannot be fetched; those that are known are taken on."""

    reason: str


@dataclass(frozen=True, slots=True)
class MeaningLost:
    """A message could not be embedded, and was searched for by its words alone."""

    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class EmbeddingBacklog:
    """How many contexts wait for their embedding, and how many of them were tried in vain; when it has changed."""

    model: str
    missing: int
    failing: int


@dataclass(frozen=True, slots=True)
class EmbeddingStalled:
    """The provider of an embedding model does not answer as it should; it is tried again at growing intervals."""

    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class EmbeddingsIndexed:
    """A user with so many embeddings by the model has an index over them now."""

    user_id: str
    model: str
    count: int


@dataclass(frozen=True, slots=True)
class Summarised:
    """A summary has taken up so many turns of a conversation, or could not: then there is a code."""

    conversation_id: str
    user_id: str
    model: str
    turns: int
    code: str | None
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Swept:
    """So many contexts have become inactive because they had expired, or were `let_go` of; so many rows are gone."""

    expired: int
    let_go: int
    deleted: int
    duration_ms: float


Fact = (
    OperationEnded
    | Faulted
    | ResponseEnded
    | ModelPassedOver
    | ListenerLost
    | IssuerLost
    | SharedRatesLost
    | MeaningLost
    | EmbeddingBacklog
    | EmbeddingStalled
    | EmbeddingsIndexed
    | Summarised
    | Swept
)
Observer = Callable[[Fact], None]

_log = structlog.get_logger("contextql")

# The local variables of a traceback hold messages, contexts and keys.
_WHERE = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


NAMES: dict[type[Fact], str] = {
    OperationEnded: "operation",
    Faulted: "fault",
    ResponseEnded: "response",
    Summarised: "summary",
    ModelPassedOver: "model_passed_over",
    ListenerLost: "listener_lost",
    IssuerLost: "issuer_lost",
    SharedRatesLost: "shared_rates_lost",
    MeaningLost: "meaning_lost",
    EmbeddingBacklog: "embedding_backlog",
    EmbeddingStalled: "embedding_stalled",
    EmbeddingsIndexed: "embeddings_indexed",
    Swept: "swept",
}
"""What the log lines are called."""


def logged(fact: Fact) -> None:
    """Write the fact as one log line. Never content, message text or keys."""
    name = NAMES[type(fact)]
    match fact:
        case Faulted(request_id, where, error):
            _log.error(name, request_id=request_id, where=where, exc_info=error)
        case (
            ModelPassedOver()
            | ListenerLost()
            | IssuerLost()
            | SharedRatesLost()
            | MeaningLost()
            | EmbeddingStalled()
        ):
            _log.warning(name, **_told(fact))
        case (
            OperationEnded()
            | ResponseEnded()
            | Summarised()
            | EmbeddingBacklog()
            | EmbeddingsIndexed()
            | Swept()
        ):
            _log.info(name, **_told(fact))
        case _:
            assert_never(fact)


def _told(fact: Fact) -> dict[str, object]:
    return {key: value for key, value in asdict(fact).items() if value not in (None, ())}


def configure(log_format: Literal["auto", "console", "json"]) -> None:
    """Set up how log lines look, for the whole process."""
    pretty = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    renderers: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if pretty
        else [structlog.processors.ExceptionRenderer(_WHERE), structlog.processors.JSONRenderer()]
    )
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    # A database that is away is observed where somebody asks for it.
    logging.getLogger("asyncpg").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *renderers,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
