"""Documents that would keep validation or introspection busy for seconds, and those that must not be taken for such."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
from graphql import get_introspection_query

from api.door.documents import Rejected
from api.errors import OperationTooCostly
from tests.door.conftest import Served
from tests.door.test_documents import codes, documents, prepared
from tests.work import calls_of

LITTLE = 200_000
"""Calls that a document may be worth; without our limits the worst of these would be two millions."""

INTROSPECTION = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
)
"""The query by which GraphiQL and graphql-js learn what there is."""

USER = 'user(by: { externalId: "ada" })'


def of_user(selections: str) -> str:
    return f"{{ {USER} {{ {selections} }} }}"


def each(count: int, part: str) -> str:
    """The part so many times; `#` in it is the number, `~` the next one."""
    return " ".join(part.replace("#", str(n)).replace("~", str(n + 1)) for n in range(count))


COMPARED = {
    "the same object again": of_user("profile { id } " * 390),
    "deeper": of_user("profile { user { profile { id } } } " * 180),
    "a tree": of_user(f"profile {{ {'user { id } ' * 20} }} " * 20),
    "in inline fragments": of_user("... { profile { id } } " * 200),
    "in fragments": of_user(each(130, "...F#"))
    + each(130, "fragment F# on User { profile { id } }"),
    "the same leaf again": of_user("id " * 1900),
    "in another operation": "query A { __typename } query B " + of_user("profile { id } " * 300),
    "in a circle that nobody spreads": "{ __typename } fragment A on User { ...B } fragment B on User { ...A "
    + "profile { id } " * 300
    + "}",
    "many operations on many fragments": each(100, "query A# { ...F0 }")
    + each(149, "fragment F# on Query { ...F~ }")
    + "fragment F149 on Query { __typename }",
}

CANCEL = 'a#: cancelResponse(input: { id: "x" }) { response { id } }'

COUNTED = {
    f"{{ __typename {'@a ' * 900} }}": "directives",
    f"{{ __typename {'@skip(if: false) ' * 250} }}": "directives",
    f"query {'@a ' * 900} {{ __typename }}": "directives",
    f"query({each(450, '$v#: Int')}) {{ __typename }}": "variables",
    f"{{ {(USER + ' { id } ') * 130} }}": "root_fields",
    f"{{ ...A ...A ...A }} fragment A on Query {{ {each(20, 'a#: __typename')} }}": "root_fields",
    f"mutation {{ {each(51, CANCEL)} }}": "root_fields",
}


def refused(source: str, name: str | None) -> None:
    with suppress(Rejected):
        prepared(source, name)


def require_refused_at_once(source: str, measure: str) -> None:
    name = next((name for name in ("A", "A0") if source.startswith(f"query {name} ")), None)
    with pytest.raises(Rejected) as rejected:
        prepared(source, name)
    assert calls_of(partial(refused, source, name)) < LITTLE
    refusal = rejected.value.errors[0].original_error
    assert isinstance(refusal, OperationTooCostly)
    assert (refusal.measure, refusal.value > refusal.limit) == (measure, True)
    assert f"at most {refusal.limit}" in str(refusal)


@pytest.mark.parametrize("source", COMPARED.values(), ids=COMPARED)
def test_fields_that_validation_would_compare_for_long_are_refused_at_once(source: str) -> None:
    require_refused_at_once(source, "comparisons")


@pytest.mark.parametrize(("source", "measure"), COUNTED.items())
def test_too_many_of_anything_is_refused_at_once(source: str, measure: str) -> None:
    require_refused_at_once(source, measure)


def test_what_only_just_passes_is_validated_with_little_work() -> None:
    for part in (
        "profile { id } " * 65,
        "... { profile { id } } " * 60,
        "profile { user { profile { id } } } " * 40,
    ):
        assert calls_of(partial(prepared, of_user(part))) < LITTLE


def test_the_given_variables_are_few_as_well() -> None:
    with pytest.raises(Rejected) as rejected:
        prepared("{ __typename }", **{f"v{n}": n for n in range(101)})
    refusal = rejected.value.errors[0].original_error
    assert isinstance(refusal, OperationTooCostly)
    assert refusal.measure == "variables"


def test_many_fragments_may_ask_for_the_same_as_components_do() -> None:
    fragment = "fragment F# on User { __typename id name profile { id } }"
    assert prepared(of_user(each(30, "...F#")) + each(30, fragment)).cost == 1 + 30


def test_introspection_is_within_the_limits_and_not_for_free() -> None:
    assert 500 < prepared(INTROSPECTION).cost < 2500


@pytest.mark.parametrize(
    "inner",
    [
        f"__schema {{ {each(90, 'a#: types { name }')} }}",
        f"__schema {{ types {{ fields {{ type {{ fields {{ {each(90, 'a#: type { name }')} }} }} }} }} }}",
        each(90, "a#: __schema { types { fields { args { name } } } }"),
    ],
)
def test_introspection_cannot_be_multiplied(inner: str) -> None:
    assert codes(f"{{ {inner} }}") == ["OPERATION_TOO_COSTLY"]


@pytest.mark.parametrize(
    "source",
    [
        INTROSPECTION,
        '{ __type(name: "User") { name } }',
        "{ ...A } fragment A on Query { __schema { types { name } } }",
    ],
)
def test_introspection_can_be_turned_off(source: str) -> None:
    closed = documents(introspection=False)
    with pytest.raises(Rejected, match="introspection has been disabled") as rejected:
        closed.prepared(source, None, {})
    refusal = rejected.value.errors[0].original_error
    assert refusal.code == "GRAPHQL_VALIDATION_FAILED"  # type: ignore[union-attr]
    assert closed.prepared("{ __typename }", None, {}).cost == 1


def test_hints_can_be_turned_on() -> None:
    with pytest.raises(Rejected, match="Did you mean 'user'"):
        documents(suggestions=True).prepared("{ usr { id } }", None, {})


async def test_without_introspection_graphiql_is_served_all_the_same(served: Served) -> None:
    async with served(introspection=False) as client:
        page = await client.get("/graphql", headers={"Accept": "text/html"})
        refused = await client.post("/graphql", json={"query": INTROSPECTION})
        answered = await client.post("/graphql", json={"query": "{ __typename }"})
    assert "GraphiQL" in page.text
    codes = {error["extensions"]["code"] for error in refused.json()["errors"]}
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}
    assert answered.json()["data"] == {"__typename": "Query"}
