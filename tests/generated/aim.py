"""A made document, aimed: what the values stand for is looked up, and some become ones that lead somewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    FieldNode,
    IntValueNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse_value,
    print_ast,
    visit,
)

from tests.generated.documents import SCHEMA
from tests.planted import Planted, id_spoken_of

AIMED = 0.95
"""How many of the values are aimed."""

TEXTS = {
    "contextType": ["knowledge", "preference", "conversation", "mine"],
    "contextTypes": ["knowledge", "conversation"],
    "message": ["Does it swim?", "What do you know?"],
    "query": ["Does it swim?", "swims"],
    "model": ["extractive"],
    "idempotencyKey": [f"key {number}" for number in range(100)],
}
TREE = '{ text: "It swims.", role: "user", message: "It swims.", note: true }'
NUMBERS = {
    "first": (0, 20),
    "last": (0, 20),
    "expectedVersion": (1, 2),
    "version": (1, 3),
    "budget": (300, 3000),
    "after": (0, 3),
}


@dataclass(frozen=True, slots=True)
class World:
    """Whose ids and cursors a document may be given, and moments to look back to."""

    planted: Sequence[Planted]
    moments: Sequence[str] = ()

    def ids(self, path: str) -> list[str]:
        """Ids of everything, and six times as many of what the path speaks of."""
        everything = [id for one in self.planted for id in one.ids.values()]
        spoken_of = [id_spoken_of(path, one.ids) for one in self.planted]
        return [*everything, *spoken_of * 6 * (len(everything) // len(spoken_of))]

    @property
    def cursors(self) -> list[str]:
        return [cursor for one in self.planted for cursor in one.cursors]

    @property
    def external_ids(self) -> list[str]:
        return [one.external_id for one in self.planted]


def aimed(document: DocumentNode, world: World, random: Random) -> str:
    """The text of the document, with real ids, names, cursors, versions and page sizes in most of their places."""
    info = TypeInfo(SCHEMA)
    return print_ast(visit(document, TypeInfoVisitor(info, _Aim(info, world, random))))


class _Aim(Visitor):
    def __init__(self, info: TypeInfo, world: World, random: Random) -> None:
        super().__init__()
        self._info, self._world, self._random = info, world, random

    def enter_argument(self, node: ArgumentNode, *_: Any) -> Any:
        # One end of a list is enough: with both, nothing is listed.
        towards_the_end = node.name.value in {"last", "before"}
        return REMOVE if towards_the_end and self._random.random() < AIMED else None

    def enter_string_value(self, node: StringValueNode, *where: Any) -> Any:
        return self._aimed(node, where)

    def enter_int_value(self, node: IntValueNode, *where: Any) -> Any:
        return self._aimed(node, where)

    def enter_null_value(self, node: NullValueNode, *where: Any) -> Any:
        return self._aimed(node, where)

    def enter_object_value(self, node: ObjectValueNode, *_: Any) -> Any:
        kind = get_named_type(self._info.get_input_type())
        is_tree = kind is not None and kind.name == "JSON"
        return parse_value(TREE) if is_tree and self._random.random() < AIMED else None

    def _aimed(self, node: Any, where: Any) -> Any:
        kind = get_named_type(self._info.get_input_type())
        if kind is None or self._random.random() > AIMED:
            return None
        _, parent, _, ancestors = where
        path = _path_to(parent, ancestors)
        name = path[-1]
        if kind.name == "Int" and name in NUMBERS:
            return IntValueNode(value=str(self._random.randint(*NUMBERS[name])))
        texts = self._texts(kind.name, name, ".".join(path[-3:]))
        return StringValueNode(value=self._random.choice(texts)) if texts else None

    def _texts(self, kind: str, name: str, path: str) -> list[str]:
        match kind, name:
            case "ID", _:
                return self._world.ids(path)
            case "String", "externalId":
                return self._world.external_ids
            case "String", "after" | "before":
                return self._world.cursors
            case "String", _:
                return TEXTS.get(name, [])
            case _:
                return []


def _path_to(parent: Any, ancestors: Any) -> list[str]:
    """The names of the fields, arguments and input fields that lead to a value."""
    named = [
        one
        for one in (*ancestors, parent)
        if isinstance(one, FieldNode | ArgumentNode | ObjectFieldNode)
    ]
    return [one.name.value for one in named]
