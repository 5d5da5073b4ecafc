"""What the server promises in writing."""

from __future__ import annotations

from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
)

from api.errors import ErrorCode
from api.schema import error_code
from tests.asking import the_graph

SDL = Path(__file__).parent.parent.parent / "schema.graphql"
BUILT_IN = {"Boolean", "Float", "ID", "Int", "String"}


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    assert SDL.read_text().strip() == the_graph().as_str().strip(), "run: make schema"


def test_everything_is_described() -> None:
    missing = []
    for kind in the_graph()._schema.type_map.values():
        if kind.name.startswith("__") or kind.name in BUILT_IN:
            continue
        if not kind.description:
            missing.append(kind.name)
        match kind:
            case GraphQLObjectType() | GraphQLInterfaceType():
                for name, field in kind.fields.items():
                    if not field.description:
                        missing.append(f"{kind.name}.{name}")
                    missing += [
                        f"{kind.name}.{name}({argument}:)"
                        for argument, value in field.args.items()
                        if not value.description
                    ]
            case GraphQLInputObjectType():
                missing += [f"{kind.name}.{n}" for n, f in kind.fields.items() if not f.description]
            case GraphQLEnumType():
                missing += [f"{kind.name}.{n}" for n, v in kind.values.items() if not v.description]
    assert missing == []


def test_both_scalars_say_by_what_they_are_specified() -> None:
    ours = [
        kind
        for kind in the_graph()._schema.type_map.values()
        if isinstance(kind, GraphQLScalarType) and kind.name not in BUILT_IN
    ]
    assert {kind.name for kind in ours} == {"DateTime", "JSON"}
    assert all(kind.specified_by_url for kind in ours)


def test_the_codes_in_the_graph_are_the_codes_of_the_errors() -> None:
    assert [code.name for code in error_code.ErrorCode] == [code.name for code in ErrorCode]
