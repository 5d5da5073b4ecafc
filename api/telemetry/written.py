"""Lines as they are written for machines: JSON, as structlog's processors would write it, in far fewer steps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from api.observe import ContextsTouched, Fact, Kinds
from api.telemetry.lines import EVENTS, Line, line, there


def written(facts: Iterable[Fact], slow_ms: float) -> str:
    """The lines of all of them, as of now. None of them has a traceback."""
    now = _inside([datetime.now(UTC)])
    return "\n".join(
        [
            _contexts(now, fact)
            if isinstance(fact, ContextsTouched)
            else _one(now, line(fact, slow_ms))
            for fact in facts
        ]
    )


def _one(now: str, line: Line) -> str:
    level, event, fields, _ = line
    comma = "," if fields else ""
    return f'{{"timestamp":{now},"level":"{level}","event":"{event}"{comma}{_inside(fields)}}}'


def _contexts(now: str, fact: ContextsTouched) -> str:
    """A line for each user; nearly all of it is the same. The identifier of a user needs no escaping."""
    event, level = EVENTS[ContextsTouched]
    by = fact.by
    told = {"duration_ms": fact.duration_ms, "request_id": by.request_id, "principal": by.principal}
    begin = (
        f'{{"timestamp":{now},"level":"{level}","event":"{event}","operation":"{fact.operation}"'
    )
    end = _inside(told if by.request_id else there(told))
    return "\n".join(
        [f'{begin},"user_id":"{user!s}",{_kinds(kinds)},{end}}}' for user, kinds in fact.each]
    )


@lru_cache(maxsize=1024)
def _kinds(kinds: Kinds) -> str:
    # The same are read again and again.
    return _inside(there(kinds._asdict()))


def _inside(value: dict[str, Any] | list[Any]) -> str:
    """As JSON, without what it begins and ends with."""
    return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z)[1:-1].decode()
