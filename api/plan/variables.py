"""The variables of an operation: as graphql-core coerces them, but their types are looked at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    get_nullable_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import input_is_nested_too_deeply
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_value

from api.plan.unplanned import Unplanned

Coerced = Mapping[str, Any]

AS_THEY_ARE: dict[str, Callable[[Any], bool]] = {
    "String": lambda value: type(value) is str,
    "ID": lambda value: type(value) is str,
    "Int": lambda value: type(value) is int and -(2**31) <= value < 2**31,
    "Boolean": lambda value: type(value) is bool,
}
"""Which values of these types mean themselves."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One of them; `usual` is its default, and `Undefined` where it has none."""

    name: str
    kind: GraphQLInputType
    is_itself: Callable[[Any], bool]
    usual: Any

    def coerced(self, value: Any) -> Any:
        """The value as it is meant; `Undefined` for one that is left out. Raises `Unplanned` for what is wrong."""
        if self.is_itself(value):
            return value
        if value is Undefined:
            if self.usual is Undefined and is_non_null_type(self.kind):
                raise Unplanned
            return self.usual
        if input_is_nested_too_deeply(value, self.kind):
            raise Unplanned
        meant = coerce_input_value(value, self.kind)
        if meant is Undefined:
            raise Unplanned
        return meant


def variables(schema: GraphQLSchema, operation: OperationDefinitionNode) -> Sequence[Variable]:
    """Those that the operation defines. Raises `Unplanned` where there is something wrong with them."""
    found = []
    for node in operation.variable_definitions or ():
        signature = get_variable_signature(schema, node)
        if isinstance(signature, GraphQLError):
            raise Unplanned
        name = getattr(get_nullable_type(signature.type), "name", "")
        usual = coerce_default_value(signature) if node.default_value else Undefined
        itself = AS_THEY_ARE.get(name, _never)
        found.append(Variable(signature.name, signature.type, itself, usual))
    return found


def coerced(defined: Sequence[Variable], given: Mapping[str, Any]) -> Coerced:
    """The values by name, without those that are left out. Raises `Unplanned` for what is wrong."""
    values = {}
    for variable in defined:
        value = variable.coerced(given.get(variable.name, Undefined))
        if value is not Undefined:
            values[variable.name] = value
    return values


def _never(_: Any) -> bool:
    return False
