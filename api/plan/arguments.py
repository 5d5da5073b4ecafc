"""The arguments of a field, as its resolver takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLField, Visitor, visit
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from api.plan.run import Run
from api.schema.graph import Graph

NO_VARIABLES = VariableValues({}, {})


@dataclass(frozen=True, slots=True)
class Arguments:
    """Those of one field: the same each time, unless there are variables in them."""

    graph: Graph
    definition: GraphQLField
    node: FieldNode
    fixed: dict[str, Any] | None
    takes_info: str | None

    def given(self, run: Run) -> dict[str, Any]:
        """As keyword arguments of the resolver. Raises what is wrong with them."""
        given = self.fixed
        if given is None:
            given = converted(self.graph, self.definition, self.node, run.variables)
        return {**given, self.takes_info: run} if self.takes_info else given


def arguments(graph: Graph, definition: GraphQLField, node: FieldNode) -> Arguments:
    """The arguments of a field of the graph as it stands in an operation."""
    field: StrawberryField = definition.extensions["strawberry-definition"]
    resolver = field.base_resolver
    info = resolver.info_parameter if resolver else None
    fixed = None
    if not has_variables(node):
        fixed = converted(graph, definition, node, NO_VARIABLES)
    return Arguments(graph, definition, node, fixed, info.name if info else None)


def converted(
    graph: Graph, definition: GraphQLField, node: FieldNode, variables: VariableValues
) -> dict[str, Any]:
    """The values by the names that the resolver has for them, as Strawberry would convert them."""
    field: StrawberryField = definition.extensions["strawberry-definition"]
    values = get_argument_values(definition, node, variables)
    converter = graph.schema_converter
    return convert_arguments(
        values, field.arguments, scalar_registry=converter.scalar_registry, config=graph.config
    )


def has_variables(node: FieldNode) -> bool:
    """Whether a variable stands in the arguments of the field."""
    looking = _Looking()
    for argument in node.arguments or ():
        visit(argument, looking)
    return looking.found


class _Looking(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_variable(self, *_: Any) -> None:
        self.found = True
