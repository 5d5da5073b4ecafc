from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from graphql import OperationType

from api.door.documents import Documents, Prepared, Rejected
from api.door.documents.known import Known
from api.door.documents.memory import WEIGHT_OF_A_BYTE, DocumentMemory
from api.errors import OperationTooCostly
from api.settings import Settings
from tests.asking import the_graph
from tests.work import calls_of


def documents(**limits: int) -> Documents:
    return Documents(the_graph()._schema, Settings(_env_file=None, **limits))  # type: ignore[arg-type]


def prepared(source: str, name: str | None = None, /, **variables: Any) -> Prepared:
    return documents().prepared(source, name, variables)


def codes(source: str, name: str | None = None, /, **variables: Any) -> list[str]:
    """The codes that the document is rejected with."""
    with pytest.raises(Rejected) as rejected:
        prepared(source, name, **variables)
    return [error.original_error.code for error in rejected.value.errors]  # type: ignore[union-attr]


def bomb(fragments: int, field: str = "user { ...F%d }") -> str:
    """Fragments that each spread the next one twice: two to the power of their number, when expanded."""
    parts = [
        f"fragment F{n} on User {{ a: profile {{ user {{ ...F{n + 1} }} }} b: profile {{ user {{ ...F{n + 1} }} }} }}"
        for n in range(fragments)
    ]
    return (
        '{ user(by: { externalId: "ada" }) { ...F0 } }'
        + "".join(parts)
        + f"fragment F{fragments} on User {{ name }}"
    )


def wide_bomb(fragments: int) -> str:
    parts = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(fragments)]
    return "{ ...F0 }" + "".join(parts) + f"fragment F{fragments} on Query {{ a: __typename }}"


def test_an_operation_is_determined_by_its_name_or_by_being_the_only_one() -> None:
    assert prepared("{ __typename }").kind is OperationType.QUERY
    two = "query A { __typename } query B { __typename }"
    assert prepared(two, "B").name == "B"
    assert codes(two) == ["GRAPHQL_VALIDATION_FAILED"]
    assert codes(two, "C") == ["GRAPHQL_VALIDATION_FAILED"]
    assert codes("fragment F on User { id }") == ["GRAPHQL_VALIDATION_FAILED"]


@pytest.mark.parametrize(
    "source", ["", "{", "{ a b: }", "hello", "{ user { } }", "\x00", '{ a(b: "']
)
def test_what_is_no_document_is_a_parse_failure_with_its_place(source: str) -> None:
    with pytest.raises(Rejected) as rejected:
        prepared(source)
    (error,) = rejected.value.errors
    assert error.extensions == {} or error.original_error
    assert error.original_error.code == "GRAPHQL_PARSE_FAILED"  # type: ignore[union-attr]
    assert error.locations


def test_a_validation_error_gives_no_hints_of_what_there_is() -> None:
    with pytest.raises(Rejected) as rejected:
        prepared('{ usr users(frist: 1) { totalCont } user(by: { externlId: "x" }) { nme } }')
    told = " ".join(error.message for error in rejected.value.errors)
    assert "Did you mean" not in told
    assert "totalCount" not in told
    assert len(rejected.value.errors) <= 6


@pytest.mark.parametrize("make", [bomb, wide_bomb])
@pytest.mark.parametrize("fragments", [18, 25, 60])
def test_a_fragment_bomb_is_refused_with_the_work_of_its_text(make: Any, fragments: int) -> None:
    source = make(fragments)

    def ask() -> None:
        with suppress(Rejected):
            prepared(source)

    # Without memory the smallest of these would take millions.
    assert calls_of(ask) < 100_000


def test_the_expanded_bomb_is_what_it_is_refused_for() -> None:
    with pytest.raises(Rejected) as rejected:
        documents(max_depth=100, max_aliases=10**9).prepared(bomb(18), None, {})
    refusal = rejected.value.errors[0].original_error
    assert isinstance(refusal, OperationTooCostly)
    assert refusal.measure == "cost"
    assert refusal.value > 2**18


def test_circles_and_unknown_fragments_end_in_a_validation_error() -> None:
    circle = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
    assert set(codes(circle)) == {"GRAPHQL_VALIDATION_FAILED"}
    assert codes("{ ...Nope }") == ["GRAPHQL_VALIDATION_FAILED"]


HUGE = """{ users(first: 100) { edges { node { contexts(first: 100) { edges { node {
  versions(first: 100) { edges { node { version } } } } } } } } } }"""


def nested(depth: int) -> str:
    return (
        '{ user(by: { externalId: "a" }) '
        + "{ profile { user " * depth
        + "{ id }"
        + " } }" * depth
        + " }"
    )


@pytest.mark.parametrize(
    ("source", "measure"),
    [
        (nested(15), "depth"),
        (nested(300), None),
        ("{" + "{ a " * 900 + "}" * 901, None),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(101)) + " }", "aliases"),
        ("{ " + "__typename " * 2001 + "}", "tokens"),
        ("{ __typename } #" + "x" * 70_000, "size"),
        (HUGE, "cost"),
    ],
)
def test_what_passes_a_limit_is_refused_with_the_measure(source: str, measure: str | None) -> None:
    with pytest.raises(Rejected) as rejected:
        prepared(source)
    refusal = rejected.value.errors[0].original_error
    if measure is not None:
        assert isinstance(refusal, OperationTooCostly)
        assert (refusal.measure, refusal.value > refusal.limit) == (measure, True)
        assert str(refusal.limit) in str(refusal)


NESTED = """query($n: Int = 7, $m: Int) {
  users(first: $n) { edges { node { contexts(last: $m) { edges { node { id } } } } } }
}"""


@pytest.mark.parametrize(
    ("variables", "cost"),
    [
        ({}, 7 + 7 * 20),
        ({"n": 3}, 3 + 3 * 20),
        ({"n": 3, "m": 5}, 3 + 3 * 5),
        ({"n": 3, "m": 10**9}, 3 + 3 * 100),
        ({"n": 3, "m": "many"}, 3 + 3 * 100),
        ({"n": 0, "m": 5}, 1),
        ({"n": None, "m": -5}, 20),
    ],
)
def test_the_cost_is_the_objects_that_could_come_back(variables: dict[str, Any], cost: int) -> None:
    assert prepared(NESTED, **variables).cost == cost


def test_a_prompt_that_is_to_be_made_costs_what_it_takes_and_its_items_what_they_are() -> None:
    asked = '{ user(by: { externalId: "ada" }) { grounding(message: "?") { %s } } }'
    assert prepared(asked % "tokens").cost == 1 + 250
    assert prepared(asked % "prompt { text }").cost == 1 + 250 + 2
    assert prepared(asked % "items { context { id } }").cost == 1 + 250 + 100 * 2


WRITING = """mutation($input: CreateContextsInput!) {
  createContexts(input: $input) { contexts { id user { id } } }
}"""


def test_a_mutation_costs_what_it_writes_and_what_it_gives_back() -> None:
    assert prepared(WRITING, input={"contexts": [{}] * 40}).cost == 10 + 40 + 40 * 2
    literal = (
        'mutation { createContexts(input: { userId: "x", contexts: [%s] }) { contexts { id } } }'
    )
    new = '{ contextType: "knowledge", content: {} }'
    assert prepared(literal % (new * 3)).cost == 10 + 3 + 3
    one = 'mutation { createContext(input: { userId: "x", contextType: "a", content: {} }) { context { id } } }'
    assert prepared(one).cost == 10 + 1
    asked = 'mutation { startResponse(input: { userId: "x", message: "?" }) { response { id } } }'
    assert prepared(asked).cost == 500 + 1


def test_a_search_costs_its_work_and_its_finds() -> None:
    asked = '{ user(by: { externalId: "ada" }) { search(query: "?"%s) { edges { node { id } } } } }'
    assert prepared(asked % "").cost == 1 + 50 + 10
    assert prepared(asked % " first: 3").cost == 1 + 50 + 3


def test_what_is_measured_costs_what_it_takes() -> None:
    assert prepared('{ user(by: { externalId: "ada" }) { storage { bytes } } }').cost == 1 + 100
    assert (
        prepared("{ users(first: 50) { edges { node { storage { bytes } } } } }").cost == 50 * 101
    )
    assert prepared("{ stats { users retrievalLatency { p50Ms } } }").cost == 50 + 1
    largest = "{ stats { largestUsers { contexts user { name storage { bytes } } } } }"
    assert prepared(largest).cost == 50 + 500 + 10 * (1 + 100)


def test_nodes_cost_as_many_as_are_asked_for() -> None:
    assert prepared('{ nodes(ids: ["a", "b", "c"]) { id } }').cost == 3
    assert prepared("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["x"] * 70).cost == 70


def test_a_known_document_is_the_same_document_and_is_measured_anew() -> None:
    kept = documents()
    first = kept.prepared(NESTED, None, {})
    second = kept.prepared(NESTED, None, {"n": 1})
    assert first.document is second.document
    assert second.cost == 21


def test_the_memory_of_documents_weighs_no_more_than_it_may() -> None:
    document = prepared("{ __typename }").document
    memory = DocumentMemory(WEIGHT_OF_A_BYTE * 100)
    for letter in "abcdefghijk":
        memory.keep(letter * 30, Known(document))
    kept = [letter for letter in "abcdefghijk" if memory.find(letter * 30)]
    assert kept == ["i", "j", "k"]
    memory.keep("x" * 101, Known(document))
    assert memory.find("x" * 101) is None
