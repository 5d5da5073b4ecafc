"""A document as a tree that can be changed: its text is read into it, and written from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLNamedType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    parse,
    print_ast,
)

from tests.generated.documents import SCHEMA


@dataclass(slots=True)
class Field:
    """`given` are its arguments, each as it is written; a leaf has nothing `below`."""

    name: str
    given: dict[str, str] = field(default_factory=dict)
    alias: str = ""
    directives: str = ""
    below: list[Selection] = field(default_factory=list)

    @property
    def key(self) -> str:
        return self.alias or self.name

    def __str__(self) -> str:
        arguments = ", ".join(f"{name}: {value}" for name, value in self.given.items())
        alias = f"{self.alias}: " if self.alias else ""
        shown = f"{alias}{self.name}" + (f"({arguments})" if arguments else "")
        return f"{shown} {self.directives} {written(self.below) if self.below else ''}"


@dataclass(slots=True)
class Fragment:
    """Fields of objects of the type `on`; without `name` they stand where they are asked for."""

    on: str
    below: list[Selection]
    name: str = ""
    directives: str = ""

    def __str__(self) -> str:
        if self.name:
            return f"...{self.name} {self.directives}"
        condition = f"on {self.on}" if self.on else ""
        return f"... {condition} {self.directives} {written(self.below)}"


Selection = Field | Fragment


@dataclass(slots=True)
class Tree:
    """A query with its variables: how each is declared, and the values of those that are given one."""

    below: list[Selection]
    declared: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        declared = ", ".join(f"${name}: {kind}" for name, kind in self.declared.items())
        named = {one.name: one for one in fragments(self.below) if one.name}
        parts = [f"query{f'({declared})' if declared else ''} {written(self.below)}"]
        parts += [
            f"fragment {name} on {one.on} {written(one.below)}" for name, one in named.items()
        ]
        return "\n".join(parts)


def written(selections: Sequence[Selection]) -> str:
    return f"{{ {' '.join(map(str, selections))} }}"


def fragments(selections: Sequence[Selection]) -> Iterator[Fragment]:
    """All of them, at whatever depth."""
    for one in selections:
        if isinstance(one, Fragment):
            yield one
        yield from fragments(one.below)


@dataclass(frozen=True, slots=True)
class Level:
    """Selections that stand side by side, of objects of the type `kind`."""

    kind: GraphQLNamedType
    selections: list[Selection]

    @property
    def fields(self) -> list[Field]:
        return [one for one in self.selections if isinstance(one, Field)]

    def type_of(self, asked: Field) -> GraphQLNamedType:
        """The type of the objects that the field gives, or of its values."""
        return get_named_type(self._definition(asked).type)

    def arguments(self, asked: Field) -> dict[str, GraphQLArgument]:
        return self._definition(asked).args

    def _definition(self, asked: Field) -> GraphQLField:
        assert is_composite_type(self.kind)
        found = SCHEMA.get_field(self.kind, asked.name)
        assert found, f"{self.kind.name}.{asked.name}"
        return found


def levels(tree: Tree) -> list[Level]:
    """All of them, from the root downwards; those of a fragment that is spread in several places once."""
    root = SCHEMA.query_type
    assert root
    return list(_levels(root, tree.below, set()))


def _levels(kind: GraphQLNamedType, selections: list[Selection], seen: set[int]) -> Iterator[Level]:
    if id(selections) in seen:
        return
    seen.add(id(selections))
    level = Level(kind, selections)
    yield level
    for one in selections:
        if isinstance(one, Fragment):
            yield from _levels(SCHEMA.type_map[one.on] if one.on else kind, one.below, seen)
        elif one.below:
            yield from _levels(level.type_of(one), one.below, seen)


def read(text: str) -> Tree:
    """The tree of a query without variables."""
    (operation,) = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return Tree(_read(operation.selection_set))


def _read(selected: SelectionSetNode | None) -> list[Selection]:
    return [_selection(node) for node in selected.selections] if selected else []


def _selection(node: object) -> Selection:
    match node:
        case FieldNode():
            given = {one.name.value: print_ast(one.value) for one in node.arguments or ()}
            alias = node.alias.value if node.alias else ""
            return Field(node.name.value, given, alias, below=_read(node.selection_set))
        case InlineFragmentNode():
            on = node.type_condition.name.value if node.type_condition else ""
            return Fragment(on, _read(node.selection_set))
        case FragmentSpreadNode():
            raise AssertionError("hypothesis-graphql makes no named fragments")
        case _:
            raise AssertionError(node)
