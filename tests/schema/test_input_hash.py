"""What makes an input the same as another one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strawberry import ID, Some

from api.schema.context_mutations import CreateContextInput
from api.schema.retried import input_hash
from api.schema.scalars import JSON
from api.schema.user_mutations import UpsertUserInput

LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=3)
KEYS = st.text(max_size=2)


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)


OBJECTS = st.dictionaries(KEYS, st.recursive(LEAVES, _nested, max_leaves=8), max_size=4)


def hash_of(content: Any, **more: Any) -> bytes:
    return input_hash(
        CreateContextInput(user_id=ID("u"), context_type="note", content=JSON(content), **more)
    )


def turned(value: Any) -> Any:
    """The same JSON with the keys of every object in the opposite order."""
    match value:
        case dict():
            return {key: turned(value[key]) for key in reversed(value)}
        case list():
            return [turned(one) for one in value]
        case _:
            return value


@given(OBJECTS)
def test_the_order_of_keys_does_not_count(content: dict[str, Any]) -> None:
    assert hash_of(turned(content)) == hash_of(content)


@given(OBJECTS, OBJECTS)
def test_everything_else_counts(one: dict[str, Any], other: dict[str, Any]) -> None:
    written = [json.dumps(content, sort_keys=True) for content in (one, other)]
    assert (hash_of(one) == hash_of(other)) == (written[0] == written[1])


@given(OBJECTS, KEYS, LEAVES)
def test_one_entry_more_counts(content: dict[str, Any], key: str, leaf: Any) -> None:
    without = {name: inner for name, inner in content.items() if name != key}
    assert hash_of({**without, key: leaf}) != hash_of(without)


ALIKE: list[Any] = [
    1,
    1.5,
    True,
    "1",
    [1],
    {"a": 1},
    None,
    "é",
    "e\u0301",
    "",
    [],
    [None],
    [[]],
    {},
]


def test_what_looks_alike_is_not_the_same() -> None:
    assert len({hash_of({"a": one}) for one in ALIKE} | {hash_of({})}) == len(ALIKE) + 1


@pytest.mark.parametrize(
    "more",
    [
        {"metadata": {}},
        {"conversation_id": "c"},
        {"expires_at": "2999-01-01T00:00:00Z"},
        {"expires_at": "2999-01-01T00:00:00.000001Z"},
    ],
)
def test_every_field_counts(more: dict[str, Any]) -> None:
    assert hash_of({}, **more) != hash_of({})


def test_the_key_does_not_count() -> None:
    assert hash_of({}, idempotency_key="first") == hash_of({}, idempotency_key=None)


def test_to_leave_out_is_to_give_the_default_but_to_clear_is_something_else() -> None:
    assert hash_of({}, metadata=None) == hash_of({})
    cleared = UpsertUserInput(external_id="ada", name=Some(None))
    assert input_hash(cleared) != input_hash(UpsertUserInput(external_id="ada"))
