"""What an SQL statement does, in two words: its verb and its table."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_COMMENT = re.compile(r"--[^\n]*")
_NAMED = re.compile(r"\b([a-z_]+)(?:\s*\([^()]*\))?\s+as\s+(?:not\s+)?(?:materialized\s+)?\(")
_WRITES = re.compile(
    r"\b(insert)\s+into\s+([a-z_]+)|\b(delete)\s+from\s+([a-z_]+)"
    r"|(?<!\bfor\s)(?<!\bdo\s)\b(update)\s+([a-z_]+)"
)
_READS = re.compile(r"\b(?:from|join)\s+(?:only\s+)?([a-z_]+)\b(?!\s*[(.])")
_PARENTHESES = re.compile(r"\([^()]*\)")
_HISTORY = "context_versions"
_NO_TABLES = {"lateral", "select", "unnest", "generate_series"}


class Summary(NamedTuple):
    """The verb in capitals; the table is None when there is none."""

    verb: str
    table: str | None

    def __str__(self) -> str:
        return f"{self.verb} {self.table}" if self.table else self.verb


@lru_cache(maxsize=1024)
def summary(sql: str) -> Summary:
    """The first table that the statement writes, or else the first that it reads."""
    text = _COMMENT.sub("", sql).lower().strip()
    if written := _written(text):
        return written
    begins = re.match(r"[a-z]+", text)
    verb = begins.group() if begins else "sql"
    return Summary("SELECT" if verb == "with" else verb.upper(), _read(text))


def _written(text: str) -> Summary | None:
    writes = [[word for word in found.groups() if word] for found in _WRITES.finditer(text)]
    # The history is written along with what it is of.
    for verb, table in sorted(writes, key=lambda one: one[1] == _HISTORY):
        return Summary(verb.upper(), table)
    return None


def _read(text: str) -> str | None:
    """What the outermost query reads, and if that is no table, what one within it does."""
    passing = set(_NAMED.findall(text)) | _NO_TABLES
    outermost = text
    while (without := _PARENTHESES.sub("[]", outermost)) != outermost:
        outermost = without
    found = _READS.findall(outermost) + _READS.findall(text)
    return next((name for name in found if name not in passing), None)
