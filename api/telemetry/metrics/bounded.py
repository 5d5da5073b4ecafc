"""Values of labels that cannot become too many, whatever clients send."""

from __future__ import annotations

import re
from collections.abc import Collection

MOST_NAMES = 200
"""Names of operations that are told apart in one process."""

OTHER = "other"

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,63}")


class Names:
    """The names of operations, which clients choose: the first ones as they are, then `other`. None is empty."""

    def __init__(self, most: int = MOST_NAMES) -> None:
        self._most = most
        self._known: set[str] = set()

    def bounded(self, name: str | None) -> str:
        if not name:
            return ""
        if name in self._known:
            return name
        if len(self._known) >= self._most or not _NAME.fullmatch(name):
            return OTHER
        self._known.add(name)
        return name


class Models:
    """The models that the settings name; what was stored under earlier settings is `other`."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = frozenset(known)

    def bounded(self, name: str) -> str:
        return name if name in self._known else OTHER
