"""Documents made from `schema.graphql` by hypothesis-graphql: queries, mutations and subscriptions."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis
from graphql import (
    DocumentNode,
    NameNode,
    ObjectFieldNode,
    OperationDefinitionNode,
    OperationType,
    ValueNode,
    build_schema,
)
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from hypothesis_graphql import mutations, nodes, queries

from tests.processes import ROOT

Documents = st.SearchStrategy[DocumentNode]

SDL = (ROOT / "schema.graphql").read_text()
SCHEMA = build_schema(SDL)

TIMES = st.sampled_from(
    [
        "2026-05-01T12:00:00Z",
        "2026-05-01T12:00:00.5-08:00",
        "2024-12-31T00:00:00Z",
        "2099-01-01T00:00:00Z",
        "2020-02-29T23:59:59.999999+14:00",
        "9998-12-31T23:59:59Z",
        "0002-01-01T00:00:00Z",
        "yesterday",
    ]
).map(nodes.String)

TEXT = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
"""Every character that can be kept; U+0000 is tried elsewhere, in each place."""

PLAIN: st.SearchStrategy[ValueNode] = st.one_of(
    st.text(TEXT, max_size=20).map(nodes.String),
    st.integers(-(2**70), 2**70).map(nodes.Int),
    st.floats(allow_nan=False, allow_infinity=False).map(nodes.Float),
    st.booleans().map(nodes.Boolean),
    st.just(nodes.Null),
)
KEYS = st.sampled_from(["text", "role", "message", "note", "home", "a", "__proto__"])


def objects(values: st.SearchStrategy[ValueNode]) -> st.SearchStrategy[ValueNode]:
    return st.dictionaries(KEYS, values, max_size=4).map(
        lambda fields: nodes.Object([_field(name, value) for name, value in fields.items()])
    )


def _field(name: str, value: ValueNode) -> ObjectFieldNode:
    return ObjectFieldNode(name=NameNode(value=name), value=value)


def trees(inner: st.SearchStrategy[ValueNode]) -> st.SearchStrategy[ValueNode]:
    return objects(inner) | st.lists(inner, max_size=3).map(nodes.List)


TREES = st.recursive(PLAIN, trees, max_leaves=8)
SCALARS = {"DateTime": TIMES, "JSON": objects(TREES) | objects(TREES) | TREES}


def queried() -> Documents:
    return queries(SCHEMA, custom_scalars=SCALARS, allow_x00=False, print_ast=_same)


def mutated() -> Documents:
    return mutations(SCHEMA, custom_scalars=SCALARS, allow_x00=False, print_ast=_same)


def subscribed() -> Documents:
    """The library makes none: they are made as the queries of a schema whose queries are its subscriptions."""
    turned = build_schema(SDL + "\nschema { query: Subscription }")
    return queries(turned, custom_scalars=SCALARS, allow_x00=False, print_ast=_as_subscription)


def _same(document: DocumentNode) -> DocumentNode:
    return document


def _as_subscription(document: DocumentNode) -> DocumentNode:
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    asked = OperationDefinitionNode(
        operation=OperationType.SUBSCRIPTION,
        variable_definitions=operation.variable_definitions,
        directives=operation.directives,
        selection_set=operation.selection_set,
    )
    return DocumentNode(definitions=(asked,))


KINDS: dict[str, Callable[[], Documents]] = {
    "query": queried,
    "mutation": mutated,
    "subscription": subscribed,
}


def made(kind: str, count: int, seed: int | None = None) -> list[DocumentNode]:
    """So many documents of the kind: the same ones each time, or by the seed."""
    found: list[DocumentNode] = []

    @hypothesis.settings(
        max_examples=count,
        derandomize=seed is None,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(KINDS[kind]())
    def keep(document: DocumentNode) -> None:
        found.append(document)

    (hypothesis.seed(seed)(keep) if seed is not None else keep)()
    return found
