"""Values as they stand in a document, with variables in them: looked through once, and read as graphql-core does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    Visitor,
    get_nullable_type,
    is_non_null_type,
    visit,
)
from graphql.execution.values import VariableValues
from graphql.type.definition import is_required_input_field
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal

from api.plan.unplanned import Unplanned
from api.plan.variables import Coerced

NO_VARIABLES = VariableValues({}, {})

Read = Callable[[Coerced], Any]
"""Gives the value with these variables, `Undefined` for a variable that is left out. Raises `Unplanned`."""


def reader(node: ValueNode, kind: GraphQLInputType) -> Read:
    """What reads the value, where one of this type is wanted. Raises `Unplanned` where a plan cannot say how."""
    if not variables_in(node):
        fixed = _right(coerce_input_literal(node, kind, NO_VARIABLES))
        return lambda _: fixed
    if isinstance(node, VariableNode):
        return _variable(node.name.value, kind)
    inner = get_nullable_type(kind)
    if isinstance(inner, GraphQLList):
        # One value alone is a list of one.
        nodes = node.values if isinstance(node, ListValueNode) else (node,)
        return _list([_item(one, inner.of_type) for one in nodes])
    if isinstance(inner, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
        return _object(node, inner)
    raise Unplanned


def _right(value: Any) -> Any:
    if value is Undefined:
        raise Unplanned
    return value


def _variable(name: str, kind: GraphQLInputType) -> Read:
    if not is_non_null_type(kind):
        return lambda variables: variables.get(name, Undefined)

    def read(variables: Coerced) -> Any:
        if variables.get(name) is None:
            raise Unplanned
        return variables[name]

    return read


def _list(items: Sequence[Read]) -> Read:
    return lambda variables: [read(variables) for read in items]


def _item(node: ValueNode, kind: GraphQLInputType) -> Read:
    read = reader(node, kind)

    def read_item(variables: Coerced) -> Any:
        # A variable that is left out is null in a list.
        value = read(variables)
        return None if value is Undefined else value

    return read_item


class _Field(NamedTuple):
    name: str
    read: Read
    usual: Any
    required: bool


def _object(node: ObjectValueNode, kind: GraphQLInputObjectType) -> Read:
    given: list[_Field] = []
    usual: dict[str, Any] = {}
    nodes = {field.name.value: field.value for field in node.fields}
    for name, field in kind.fields.items():
        default, required = coerce_default_value(field), is_required_input_field(field)
        if name in nodes:
            read = reader(nodes[name], field.type)
            given.append(_Field(field.out_name or name, read, default, required))
        elif default is not Undefined:
            usual[field.out_name or name] = default

    def read_all(variables: Coerced) -> Any:
        value = {**usual, **_read(given, variables)}
        if kind.is_one_of and (len(value) != 1 or None in value.values()):
            raise Unplanned
        return kind.out_type(value)

    return read_all


def _read(fields: Sequence[_Field], variables: Coerced) -> dict[str, Any]:
    values = {}
    for field in fields:
        value = field.read(variables)
        if value is Undefined:
            if field.required:
                raise Unplanned
            value = field.usual
        if value is not Undefined:
            values[field.name] = value
    return values


def variables_in(value: ValueNode) -> Sequence[str]:
    """The names of the variables that stand in the value."""
    looking = _Looking()
    visit(value, looking)
    return list(looking.found)


class _Looking(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, None] = {}

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.found[node.name.value] = None
