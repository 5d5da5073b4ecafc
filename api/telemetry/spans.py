"""What a span says of a stretch of work, and what a fact adds to it: names, ids, counts; never content.

The names are those of OpenTelemetry's semantic conventions where there is one, and `contextql.…` elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from opentelemetry.trace import SpanKind

from api.observe import (
    Fact,
    Grounded,
    ModelCalled,
    ModelPassedOver,
    OperationEnded,
    Retrieved,
    Waited,
)
from api.observe.stretches import (
    Answering,
    Batch,
    Call,
    Execution,
    Part,
    Retrieval,
    Statement,
    Stretch,
    Upkeep,
)
from api.telemetry.statements import summary

Attributes = Mapping[str, str | int | float | bool | tuple[str, ...]]

LONGEST_NAME = 128
"""Characters of the name of an operation, which the client chooses."""


class Shape(NamedTuple):
    """A span as it begins."""

    name: str
    attributes: Attributes
    kind: SpanKind = SpanKind.INTERNAL


def shape(stretch: Stretch) -> Shape | None:
    """The span of a stretch; None when it has none."""
    match stretch:
        case Execution():
            drawn = _execution(stretch)
        case Batch(edge, keys):
            drawn = Shape(f"load {edge}", {"contextql.keys": keys})
        case Statement(sql):
            drawn = _statement(sql)
        case Retrieval(user_id, purpose):
            drawn = Shape(f"retrieve for {purpose}", {"user.id": user_id})
        case Part(name):
            drawn = Shape(f"retrieve {name}", {})
        case Answering():
            drawn = _answering(stretch)
        case Call(model, purpose):
            told = {"contextql.model": model, "contextql.purpose": purpose}
            drawn = Shape(f"ask {model}", told)
        case Upkeep():
            # It looks every few seconds whether there is anything to do: such traces would bury the others.
            return None
    return drawn


def _answering(stretch: Answering) -> Shape:
    told = {
        "contextql.response.id": stretch.response_id,
        "user.id": stretch.user_id,
        "contextql.model": stretch.model,
    }
    return Shape("answer", told)


def _execution(stretch: Execution) -> Shape:
    told = {
        "graphql.operation.type": stretch.kind,
        "contextql.request_id": stretch.request_id,
        "contextql.transport": stretch.transport,
        "contextql.principal.kind": stretch.principal.partition(":")[0],
    }
    if stretch.name:
        told["graphql.operation.name"] = stretch.name[:LONGEST_NAME]
    # Over a WebSocket there is no span of a request around it.
    is_root = stretch.transport == "websocket"
    return Shape(stretch.kind, told, SpanKind.SERVER if is_root else SpanKind.INTERNAL)


def _statement(sql: str) -> Shape:
    does = summary(sql)
    told = {
        "db.system.name": "postgresql",
        "db.operation.name": does.verb,
        "db.query.summary": str(does),
        "db.query.text": sql.strip(),
    }
    if does.table:
        told["db.collection.name"] = does.table
    return Shape(str(does), told, SpanKind.CLIENT)


def added(fact: Fact) -> Attributes:
    """What the fact adds to the span within which it was observed."""
    match fact:
        case Retrieved():
            return {"contextql.found": fact.found}
        case Grounded():
            return {
                "contextql.grounding.tokens": fact.tokens,
                "contextql.grounding.budget": fact.budget,
                "contextql.grounding.included": fact.included,
                "contextql.grounding.left_out": fact.left_out,
            }
        case ModelCalled():
            return _known(
                {
                    "contextql.answered_by": fact.model,
                    "contextql.first_word_ms": fact.first_ms,
                    "contextql.input_tokens": fact.input_tokens,
                    "contextql.output_tokens": fact.output_tokens,
                    "contextql.cost_usd": fact.cost_usd,
                    "error.type": fact.code,
                }
            )
        case ModelPassedOver():
            return {"contextql.passed_over": fact.model}
        case Waited(duration_ms):
            return {"contextql.pool_wait_ms": duration_ms}
        case _:
            return {}


def spent(fact: OperationEnded) -> Attributes:
    """What is known of an operation at its end."""
    return _known(
        {
            "contextql.cost": fact.spent.cost,
            "contextql.statements": fact.spent.statements,
            "contextql.database_ms": fact.spent.database_ms,
            "contextql.pool_wait_ms": fact.spent.waited_ms,
            "contextql.document.sha256": fact.document,
            "contextql.error_codes": fact.codes or None,
            "error.type": fact.codes[0] if fact.codes else None,
        }
    )


def _known(told: Mapping[str, str | int | float | tuple[str, ...] | None]) -> Attributes:
    return {name: value for name, value in told.items() if value is not None}
