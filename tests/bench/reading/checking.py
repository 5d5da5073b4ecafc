"""Whether a server answers what is stored, before it is asked how fast."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import orjson

from tests.bench.reading.pairs import Pair

CURSORS = {"cursor", "startCursor", "endCursor"}
TIMES = {"createdAt", "updatedAt"}


def check(pair: Pair) -> None:
    """Every one of its requests. Raises `SystemExit` for the first answer that is another."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if pair.running.server.authorization:
        headers["Authorization"] = pair.running.server.authorization
    with httpx.Client(headers=headers, timeout=30) as client:
        for asked in pair.workload.asked:
            body = {"query": pair.workload.query, "variables": dict(asked.variables)}
            answer = client.post(pair.url, content=orjson.dumps(body))
            if wrong := _wrong(answer, asked.data):
                raise SystemExit(
                    f"{pair.running.server.name} answers {pair.workload.name} wrongly: {wrong}"
                )


def _wrong(answer: httpx.Response, data: object) -> str | None:
    if answer.status_code != 200 or "errors" in answer.json():
        return f"{answer.status_code} {answer.text[:2000]}"
    return difference(plain(answer.json()["data"]), plain(data))


def difference(one: Any, other: Any, path: str = "data") -> str | None:
    """The first place where two values differ, if there is one."""
    match one, other:
        case dict(), dict() if one.keys() == other.keys():
            places = ((one[key], other[key], f"{path}.{key}") for key in one)
        case list(), list() if len(one) == len(other):
            both = enumerate(zip(one, other, strict=True))
            places = ((a, b, f"{path}[{number}]") for number, (a, b) in both)
        case _:
            return None if one == other else f"{path} is {one!r}, not {other!r}"
    return next(filter(None, (difference(*place) for place in places)), None)


def plain(value: Any, name: str = "") -> Any:
    """The value without what servers may differ in: how times and ids are written, and what a cursor holds."""
    match value:
        case dict():
            return {key: plain(inner, key) for key, inner in value.items()}
        case list():
            return [plain(inner) for inner in value]
        case str() if name in CURSORS:
            return bool(value)
        case str() if name in TIMES:
            return datetime.fromisoformat(value)
        case str() if name == "id":
            return _row(value)
    return value


def _row(id: str) -> UUID:
    """The row that an id of ours names, or one of PostGraphile's, or one that is the row's own."""
    try:
        return UUID(id)
    except ValueError:
        parts = urlsafe_b64decode(id + "=" * (-len(id) % 4))
        return UUID(orjson.loads(parts)[-1]) if parts[:1] == b"[" else UUID(bytes=parts[-16:])
