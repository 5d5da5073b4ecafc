"""What a whole document asks of its validation, found out in far less time than that would take.

graphql-core compares every two fields that stand under one name in one place, and looks at every directive for each
of its rules: a text of two thousand tokens can keep it busy for seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TokenKind,
)

from api.door.documents.measure import Fragments


def directives(document: DocumentNode) -> int:
    """How many directives stand in the document."""
    return sum(kind is TokenKind.AT for kind in _tokens(document))


def variables(document: DocumentNode) -> int:
    """How many variables the operations of the document define together."""
    return sum(
        len(one.variable_definitions or ())
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
    )


def comparisons(document: DocumentNode, fragments: Fragments, most: int) -> int:
    """How many selections there are to look at, and pairs of fields to compare; the count ends beyond `most`."""
    counting = _Counting(fragments, most)
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode | FragmentDefinitionNode):
            counting.look_at([one.selection_set])
    return counting.count


class _Counting:
    def __init__(self, fragments: Fragments, most: int) -> None:
        self._fragments = fragments
        self._most = most
        self._seen: set[frozenset[int]] = set()
        self.count = 0

    def look_at(self, merged: list[SelectionSetNode]) -> None:
        """These stand in one place of the answer. What was looked at before is not again, so that circles end."""
        place = frozenset(map(id, merged))
        if place in self._seen or self.count > self._most:
            return
        self._seen.add(place)
        for fields in self._by_name(merged).values():
            self.count += len(fields) * (len(fields) - 1) // 2
            if inner := [field.selection_set for field in fields if field.selection_set]:
                self.look_at(inner)

    def _by_name(self, merged: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        found: dict[str, list[FieldNode]] = defaultdict(list)
        spread: set[str] = set()
        waiting = list(merged)
        while waiting and self.count <= self._most:
            for selection in waiting.pop().selections:
                self.count += 1
                match selection:
                    case FieldNode():
                        found[(selection.alias or selection.name).value].append(selection)
                    case InlineFragmentNode():
                        waiting.append(selection.selection_set)
                    case FragmentSpreadNode(name=name) if name.value not in spread:
                        spread.add(name.value)
                        if fragment := self._fragments.get(name.value):
                            waiting.append(fragment.selection_set)
        return found


def _tokens(document: DocumentNode) -> Iterator[TokenKind]:
    token = document.loc.start_token if document.loc else None
    while token is not None:
        yield token.kind
        token = token.next
