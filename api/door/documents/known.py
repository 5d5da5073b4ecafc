"""A document that was found valid, with its operations as they were prepared before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import DocumentNode

from api.door.documents.prepared import Prepared

MOST_WAYS = 32
"""How often an operation of a document is kept, each time for other values of variables that its cost depends on."""

Way = tuple[str | None, tuple[object, ...]]


class Known:
    """A document, and of its operations all that is the same each time that they are asked."""

    def __init__(self, document: DocumentNode) -> None:
        self.document = document
        self._deciding: dict[str | None, tuple[str, ...]] = {}
        self._prepared: dict[Way, Prepared] = {}

    def find(self, operation_name: str | None, variables: Mapping[str, Any]) -> Prepared | None:
        """The operation as it was prepared for variables that come to the same."""
        way = self._way(operation_name, variables)
        return self._prepared.get(way) if way else None

    def keep(
        self,
        operation_name: str | None,
        variables: Mapping[str, Any],
        deciding: Iterable[str],
        prepared: Prepared,
    ) -> None:
        """`deciding` are the variables that its cost depends on."""
        self._deciding[operation_name] = tuple(sorted(deciding))
        way = self._way(operation_name, variables)
        if way and len(self._prepared) < MOST_WAYS:
            self._prepared[way] = prepared

    def _way(self, operation_name: str | None, variables: Mapping[str, Any]) -> Way | None:
        deciding = self._deciding.get(operation_name)
        if not deciding:
            return None if deciding is None else (operation_name, ())
        values = tuple(variables.get(name, _ABSENT) for name in deciding)
        # Only numbers are told apart by their value: `true` and `1.0` are the same key as `1`.
        if all(value is None or value is _ABSENT or type(value) is int for value in values):
            return operation_name, values
        return None


_ABSENT = object()
