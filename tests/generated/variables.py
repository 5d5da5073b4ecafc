"""Arguments of a tree become variables: given, with a default, left out, or null."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNonNull,
    ListValueNode,
    ObjectValueNode,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    parse_value,
    print_ast,
    value_from_ast_untyped,
)

from tests.generated.documents import SCHEMA
from tests.generated.tree import Tree, levels

SHARE = 0.4
"""How many arguments become variables."""


def use_variables(tree: Tree, random: Random) -> None:
    making = _Making(tree, random)
    for level in levels(tree):
        for one in level.fields:
            arguments = level.arguments(one)
            for name, value in one.given.items():
                one.given[name] = making.instead(arguments[name].type, value)


def other_values(tree: Tree, random: Random) -> dict[str, Any]:
    """Other values for the same variables: whoever asks again asks with others."""
    values = dict(tree.values)
    for name, declared in tree.declared.items():
        kind, _, usual = declared.partition(" = ")
        value = values.get(name)
        match random.choice(("as before", "other", "other", "absent", "null")):
            case "other" if isinstance(value, bool):
                values[name] = not value
            case "other" if isinstance(value, int):
                values[name] = value + 1
            case "absent" if usual or not kind.endswith("!"):
                values.pop(name, None)
            case "null" if not kind.endswith("!"):
                values[name] = None
    return values


@dataclass(slots=True)
class _Making:
    tree: Tree
    random: Random
    made: dict[tuple[str, str], str] = field(default_factory=dict)
    """What stands instead of a value, by its type and text: fields that become one have to stay alike."""

    def instead(self, kind: GraphQLInputType, text: str) -> str:
        key = str(kind), text
        if key not in self.made:
            self.made[key] = self._made(kind, text) if self.random.random() < SHARE else text
        return self.made[key]

    def _made(self, kind: GraphQLInputType, text: str) -> str:
        value = parse_value(text)
        inner = get_nullable_type(kind)
        match value:
            case ObjectValueNode() if value.fields and self.random.random() < 0.6:
                parts = {one.name.value: print_ast(one.value) for one in value.fields}
                chosen = self.random.choice(list(parts))
                parts[chosen] = self._variable(_part(inner, chosen), parts[chosen])
                return f"{{ {', '.join(f'{name}: {part}' for name, part in parts.items())} }}"
            case ListValueNode() if (
                value.values and is_list_type(inner) and self.random.random() < 0.6
            ):
                items = [print_ast(one) for one in value.values]
                number = self.random.randrange(len(items))
                items[number] = self._variable(inner.of_type, items[number])
                return f"[{', '.join(items)}]"
            case _:
                return self._variable(kind, text)

    def _variable(self, kind: Any, text: str) -> str:
        name = f"v{len(self.tree.declared)}"
        value = value_from_ast_untyped(parse_value(text))
        self.tree.declared[name] = str(kind)
        match self.random.choice(("given", "given", "given", "usual", "absent", "null", "else")):
            case "usual":
                self.tree.declared[name] += f" = {text}"
            case "absent" if not is_non_null_type(kind):
                pass
            case "null" if not is_non_null_type(kind):
                self.tree.values[name] = None
            case "else":
                self.tree.declared[name] += f" = {text}"
                self.tree.values[name] = value
            case _:
                self.tree.values[name] = value
        return f"${name}"


def _part(kind: Any, name: str) -> Any:
    """The type that a variable has to be of, to stand in this part of an input."""
    if not isinstance(kind, GraphQLInputObjectType) or name not in kind.fields:
        return SCHEMA.type_map["JSON"]
    part = kind.fields[name].type
    # One of several has to be given something.
    return GraphQLNonNull(part) if kind.is_one_of else part
