"""The arguments of a field, as its resolver takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import FieldNode, GraphQLField, Undefined, is_non_null_type
from graphql.execution.values import get_argument_values
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from api.plan.converting import Convert, converter
from api.plan.literals import NO_VARIABLES, Read, reader, variables_in
from api.plan.run import FieldInfo, Run
from api.plan.variables import Coerced
from api.schema.graph import Graph

MOST_KNOWN = 1024
"""How many values of arguments are kept, to be there when the variables are the same again."""

LONGEST_KNOWN = 256
"""Characters that the variables of one may have together."""


@dataclass(frozen=True, slots=True, eq=False)
class Varying:
    """An argument in whose value there are variables; `usual` is what it is where these have none."""

    name: str
    read: Read
    convert: Convert
    usual: dict[str, Any]
    variables: Sequence[str]

    def given(self, variables: Coerced) -> dict[str, Any]:
        """Under its name; nothing where it is left out."""
        texts = tuple([variables.get(name) for name in self.variables])
        length = 0
        for one in texts:
            # Of other values several may be equal that mean different things.
            if type(one) is not str:
                return self.found(variables)
            length += len(one)
        return _known(self, texts) if length <= LONGEST_KNOWN else self.found(variables)

    def found(self, variables: Coerced) -> dict[str, Any]:
        """The same, read and converted now."""
        value = self.read(variables)
        return self.usual if value is Undefined else {self.name: self.convert(value)}


@lru_cache(maxsize=MOST_KNOWN)
def _known(argument: Varying, texts: tuple[str, ...]) -> dict[str, Any]:
    return argument.found(dict(zip(argument.variables, texts, strict=True)))


@dataclass(frozen=True, slots=True)
class Arguments:
    """Those of one field: what is the same each time, and what is not."""

    field_name: str
    fixed: dict[str, Any]
    varying: Sequence[Varying]
    takes_info: str | None

    @property
    def are_none(self) -> bool:
        return not (self.fixed or self.varying or self.takes_info)

    def given(self, run: Run) -> dict[str, Any]:
        """As keyword arguments of the resolver. Raises what is wrong with them."""
        given = self.fixed
        if self.takes_info:
            given = {**given, self.takes_info: FieldInfo(run.context, self.field_name)}
        for one in self.varying:
            given = given | one.given(run.variables)
        return given


@dataclass(frozen=True, slots=True)
class Call:
    """A resolver with its arguments."""

    function: Callable[..., Any]
    arguments: Arguments

    def of(self, run: Run, source: Any) -> Any:
        """What it gives for an object, be it there yet or to be awaited."""
        return self.function(source, **self.arguments.given(run))

    def of_all(self, run: Run, sources: Sequence[Any]) -> list[Any]:
        """The same for several."""
        given, function = self.arguments.given(run), self.function
        if not given:
            return list(map(function, sources))
        return [function(source, **given) for source in sources]


def arguments(graph: Graph, definition: GraphQLField, node: FieldNode) -> Arguments:
    """The arguments of a field of the graph as it stands in an operation."""
    resolved: StrawberryField = definition.extensions["strawberry-definition"]
    nodes = {argument.name.value: argument.value for argument in node.arguments or ()}
    varies = {name: found for name, value in nodes.items() if (found := variables_in(value))}
    # Where a value is needed and only a variable gives it, there is no usual one.
    usual = _usual(definition, node, varies.keys())
    fixed: dict[str, Any] = {}
    varying = []
    for argument in resolved.arguments:
        name = graph.config.name_converter.from_argument(argument)
        convert = converter(graph, argument.type)
        alone = {argument.python_name: convert(usual[name])} if name in usual else {}
        if name in varies:
            read = reader(nodes[name], definition.args[name].type)
            name_of = _python_name(argument)
            varying.append(Varying(name_of, read, convert, alone, varies[name]))
        else:
            fixed |= alone
    info = resolved.base_resolver.info_parameter if resolved.base_resolver else None
    return Arguments(node.name.value, fixed, varying, info.name if info else None)


def _python_name(argument: StrawberryArgument) -> str:
    assert argument.python_name  # noqa: S101  # every argument of a resolver has one
    return argument.python_name


def _usual(definition: GraphQLField, node: FieldNode, varies: Set[str]) -> dict[str, Any]:
    """The values of the arguments without those that vary, of which there are the defaults."""
    needed = {
        name
        for name in varies
        if is_non_null_type(definition.args[name].type)
        and definition.args[name].default_value is Undefined
    }
    others = {name: one for name, one in definition.args.items() if name not in needed}
    field = GraphQLField(definition.type, args=others)
    rest = [one for one in node.arguments or () if one.name.value not in varies]
    return get_argument_values(
        field, FieldNode(name=node.name, arguments=tuple(rest)), NO_VARIABLES
    )
