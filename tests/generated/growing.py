"""A tree, grown: more is asked, of more objects, and along the edges of which hypothesis-graphql asks little."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from tests.generated.aim import World
from tests.generated.documents import SCHEMA
from tests.generated.tree import Field, Fragment, Level, Selection, Tree, levels
from tests.planted import id_spoken_of

DEEPEST = 8
"""How deep below where it begins something may grow."""

MOST = (0, 10, 20, 40)
"""How many fields a tree gets, about."""

LISTING = 0.6
"""How many trees have lists of a user for certain."""

SIZES = ("0", "1", "2", "3", "5")
WIDTHS = (1, 2, 3, 6, 20)
"""How many leaves of an object are asked for, at most."""

TEXTS = {
    "orderBy": ["OLDEST_FIRST", "NEWEST_FIRST"],
    "mode": ["KEYWORD", "HYBRID"],
    "query": ['"swims"', '"Does it swim?"', '"%"'],
    "message": ['"Does it swim?"', '"\\ud83e\\uddf3 \\\\ \\" ?"'],
    "matching": ['"a"', '"of the"', "null", '""'],
    "budget": ["300", "2000", "null"],
    "minutes": ["60", "1"],
    "points": ["2", "60"],
    "contextTypes": ['["knowledge"]', '"conversation"', '["knowledge", "mine"]', "[]", "null"],
    "metadata": ["{}", '{ note: "narwhal" }', "{ narwhal: true }", "{ a: null }", "null"],
    "content": ["{}", '{ role: "user" }', "{ n: 1.0 }", '{ text: "A narwhal swims." }'],
    "createdAfter": ['"2020-02-29T23:59:59.999999+14:00"', '"0002-01-01T00:00:00Z"'],
    "createdBefore": ['"9998-12-31T23:59:59Z"', '"2026-05-01T12:00:00.5-08:00"', "null"],
    "includeInactive": ["true", "false"],
}
"""What arguments and the parts of a filter are given, as it is written."""

FILTERS = (
    "contextTypes",
    "conversationId",
    "metadata",
    "content",
    "createdAfter",
    "createdBefore",
    "includeInactive",
)

LIKELY = {"edges": 0.9, "node": 0.95, "pageInfo": 0.5, "cursor": 0.4, "totalCount": 0.3}
"""How likely a field of a connection is asked for."""

Grown = dict[str, str]
"""Arguments as they are written."""


@dataclass(slots=True)
class Growing:
    """Grows trees in this world."""

    world: World
    random: Random

    def grow(self, tree: Tree) -> None:
        if self.random.random() < LISTING:
            self._add_lists(tree)
        self._add_some(tree, self.random.choice(MOST))
        for level in levels(tree):
            for one in level.fields:
                self._aim(level, one)
                self._page(level, one)

    def _add_lists(self, tree: Tree) -> None:
        """A user with lists: hypothesis-graphql asks most often for what has a global id, whatever it may be."""
        user = SCHEMA.type_map["User"]
        assert isinstance(user, GraphQLObjectType)
        names = self.random.sample(("contexts", "conversations"), self.random.choice((1, 1, 2)))
        below = [one for name in names if (one := self._field(user, name, DEEPEST))]
        tree.below.append(Field("user", {"by": self._by()}, "whose", below=[*below]))

    def _add_some(self, tree: Tree, left: int) -> None:
        for level in self.random.sample(found := levels(tree), len(found)):
            for _ in range(self.random.choice((0, 1, 1, 2))):
                if left <= 0:
                    return
                left -= self._add(level)

    def _add(self, level: Level) -> int:
        """One field more, under a key of its own where its name is taken; gives how many it has in it."""
        below = self._below(level.kind, DEEPEST)
        if not below:
            return 0
        chosen = self.random.choice(below)
        if isinstance(chosen, Field):
            taken = sum(one.key == chosen.name for one in level.fields)
            chosen.alias = f"{chosen.name}{taken}x{self.random.randrange(100)}" if taken else ""
        level.selections.insert(self.random.randint(0, len(level.selections)), chosen)
        return _size(chosen)

    def _below(self, kind: GraphQLNamedType, depth: int) -> list[Selection]:
        """What is asked of objects of this type."""
        match kind:
            case GraphQLUnionType() | GraphQLInterfaceType():
                kinds = list(SCHEMA.get_possible_types(kind))
                some = self.random.sample(kinds, self.random.randint(1, len(kinds)))
                return [Fragment(one.name, self._fields(one, depth)) for one in some]
            case GraphQLObjectType():
                return self._fields(kind, depth)
            case _:
                raise AssertionError(kind)

    def _fields(self, kind: GraphQLObjectType, depth: int) -> list[Selection]:
        if kind.name.endswith(("Connection", "Edge")):
            names = [name for name in kind.fields if self.random.random() < LIKELY.get(name, 0.5)]
        else:
            names = self._some(kind)
        fields: list[Selection] = [Field("__typename")]
        grown = [self._field(kind, name, depth) for name in names]
        self.random.shuffle(grown)
        fields += [one for one in grown if one]
        # An object has something asked of it.
        return fields[1:] or fields

    def _some(self, kind: GraphQLObjectType) -> list[str]:
        leaves = [
            name for name, one in kind.fields.items() if is_leaf_type(get_named_type(one.type))
        ]
        others = [name for name in kind.fields if name not in leaves]
        width = min(self.random.choice(WIDTHS), len(leaves))
        some = self.random.choice((0, 0, 1, 2)) if leaves else 2
        return self.random.sample(leaves, width) + self.random.sample(
            others, min(some, len(others))
        )

    def _field(self, kind: GraphQLObjectType, name: str, depth: int) -> Field | None:
        definition = kind.fields[name]
        named = get_named_type(definition.type)
        given = self._given(name, definition)
        if is_leaf_type(named):
            return Field(name, given)
        if depth == 0:
            return None
        return Field(name, given, below=self._below(named, depth - 1))

    def _given(self, field: str, definition: GraphQLField) -> Grown:
        given = {}
        for name, argument in definition.args.items():
            if is_required_argument(argument) or self.random.random() < 0.4:
                value = self._value(field, name)
                if value is not None:
                    given[name] = value
        return given

    def _value(self, field: str, name: str) -> str | None:
        """What an argument or a part of an input is given; None where nothing is known."""
        if name in TEXTS:
            return self.random.choice(TEXTS[name])
        made = {
            "by": self._by,
            "id": lambda: self._id(f"{field}.id"),
            "ids": self._ids,
            "conversationId": self._conversation,
            "asOf": lambda: json.dumps(self.random.choice(self.world.moments)),
            "filter": self._filter,
        }
        return made[name]() if name in made else None

    def _by(self) -> str:
        one = self.random.choice(self.world.planted)
        id, external = json.dumps(one.user), json.dumps(one.external_id)
        return self.random.choice((f"{{ id: {id} }}", f"{{ externalId: {external} }}"))

    def _ids(self) -> str:
        ids = [self._id("nodes.ids") for _ in range(self.random.randint(0, 5))]
        return f"[{', '.join(ids)}]"

    def _conversation(self) -> str:
        # It is seldom the user's of whom it is asked.
        return self._id("conversation") if self.random.random() < 0.1 else "null"

    def _filter(self) -> str:
        some = self.random.sample(FILTERS, self.random.choice((0, 1, 1, 2)))
        parts = [f"{part}: {self._value('filter', part)}" for part in some]
        return f"{{ {', '.join(parts)} }}"

    def _id(self, path: str) -> str:
        ids = self.world.ids(path)
        if path.startswith(("node", "nodes")):
            ids = [id for one in self.world.planted for id in one.ids.values()]
        elif self.random.random() < 0.97:
            ids = [id_spoken_of(path, one.ids) for one in self.world.planted]
        return json.dumps(self.random.choice(ids))

    def _aim(self, level: Level, asked: Field) -> None:
        """What has to be given leads somewhere more often than by chance."""
        for name, argument in level.arguments(asked).items():
            likely = 1.0 if name == "by" else 0.9
            if is_required_argument(argument) and self.random.random() < likely:
                asked.given[name] = self._value(asked.name, name) or asked.given[name]

    def _page(self, level: Level, asked: Field) -> None:
        """Less of a list, from one of its ends or, now and then, as much as comes by itself."""
        arguments = level.arguments(asked)
        if "first" not in arguments:
            return
        for name in ("first", "last", "after", "before"):
            asked.given.pop(name, None)
        end = self.random.choice(("first", "first", "first", "last", "last", ""))
        if end in arguments:
            asked.given[end] = self.random.choice(SIZES)
        if "after" in arguments and self.random.random() < 0.3:
            ends: list[Selection] = [Field("startCursor"), Field("endCursor")]
            asked.below.append(Field("pageInfo", below=ends))


def _size(grown: Selection) -> int:
    return 1 + sum(_size(one) for one in grown.below)
