"""What a message of `graphql-transport-ws` must look like."""

from __future__ import annotations

from typing import Any

from api.door.document_id import document_id
from api.errors import BadUserInput

LONGEST_ID = 128

_WITH_FREE_PAYLOAD = frozenset({"connection_init", "ping", "pong"})


def fault_in(message: Any) -> str | None:
    """What is wrong with a message from a client, in a few words; None when nothing is."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message is an object with a type"
    kind = message["type"]
    if kind in _WITH_FREE_PAYLOAD:
        return _unless(isinstance(message.get("payload"), dict | None), "payload is no object")
    if kind == "complete":
        return _fault_in_id(message)
    if kind == "subscribe":
        return _fault_in_id(message) or _fault_in_request(message.get("payload"))
    return f"Unknown message type: {kind[:40]}"


def _fault_in_id(message: dict[str, Any]) -> str | None:
    id = message.get("id")
    good = isinstance(id, str) and 0 < len(id) <= LONGEST_ID
    return _unless(good, f"id is no string of 1 to {LONGEST_ID} characters")


def _fault_in_request(payload: Any) -> str | None:
    if not isinstance(payload, dict):
        return "payload is no object"
    if not isinstance(payload.get("operationName"), str | None):
        return "payload.operationName is no string"
    for name in ("variables", "extensions"):
        if not isinstance(payload.get(name), dict | None):
            return f"payload.{name} is no object"
    return _fault_in_document(payload)


def _fault_in_document(payload: dict[str, Any]) -> str | None:
    try:
        named = document_id(payload) is not None
    except BadUserInput:
        return "payload.documentId or persistedQuery is malformed"
    good = isinstance(payload.get("query"), str) or (named and payload.get("query") is None)
    return _unless(good, "payload.query is no string")


def _unless(good: bool, fault: str) -> str | None:
    return None if good else fault
