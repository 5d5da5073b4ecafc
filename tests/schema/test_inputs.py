"""Inputs that pydantic takes whole: the same as Strawberry makes of what GraphQL gives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strawberry.pydantic.conversion import build_pydantic_model
from strawberry.pydantic.error import InputValidationError
from strawberry.types.arguments import InputContext
from strawberry.types.base import get_object_definition

from api.schema.context_mutations import CreateContextInput, CreateContextsInput
from api.schema.inputs import Input
from tests.asking import the_graph

AROUND = InputContext(
    info=None,
    config=the_graph().config,
    scalar_registry=the_graph().schema_converter.scalar_registry,
    path=("input",),
)

TEXTS = st.text(max_size=3) | st.sampled_from(["note", "a\x00", "x" * 51])
# The scalar has refused greater numbers before.
OBJECTS = st.dictionaries(TEXTS, st.integers(-9, 9) | st.none(), max_size=2)
VALUES = OBJECTS | st.lists(st.integers(-9, 9), max_size=1) | st.just({"much": "x" * 16_384})
OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    "metadata": st.none() | VALUES,
    "conversationId": st.none() | TEXTS,
    "expiresAt": st.none() | st.just(datetime(2030, 1, 1, tzinfo=UTC)),
}
WANTED: dict[str, st.SearchStrategy[Any]] = {"contextType": TEXTS, "content": VALUES}

ONE = st.fixed_dictionaries(
    {"userId": TEXTS, **WANTED}, optional={**OPTIONAL, "idempotencyKey": st.none() | TEXTS}
)
ITEM = st.fixed_dictionaries(
    WANTED,
    optional={**OPTIONAL, "createdAt": st.none() | st.just(datetime(2001, 1, 1, tzinfo=UTC))},
)
MANY = st.fixed_dictionaries({"userId": TEXTS, "contexts": st.lists(ITEM, max_size=3)})


def built(build: Any, model: type[Input], value: dict[str, Any]) -> object:
    """The input with the fields that were given, or what is wrong with it."""
    try:
        made = build(model, value, AROUND)
    except InputValidationError as error:
        return str(error), error.errors
    return made, made.model_fields_set


@pytest.mark.parametrize(
    ("model", "values"), [(CreateContextInput, ONE), (CreateContextsInput, MANY)]
)
def test_an_input_that_is_taken_whole_is_the_same(
    model: type[Input], values: st.SearchStrategy[dict[str, Any]]
) -> None:
    whole = get_object_definition(model, strict=True).from_input

    @given(values)
    def the_same(value: dict[str, Any]) -> None:
        assert built(whole, model, value) == built(build_pydantic_model, model, value)

    the_same()
