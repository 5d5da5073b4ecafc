"""What JSON is taken: a quick look finds the same as a look at each value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from graphql import GraphQLError, Undefined
from hypothesis import given
from hypothesis import strategies as st

from api.schema import scalars

ODD = ["\x00", "\\u0000", "null", "[{", "\ud800", 2**53, 2**63 - 1, 2**63, -(2**63) - 1, Undefined]

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(ODD)
)
KEYS = st.text(max_size=4) | st.sampled_from(["\x00", "a\x00"])


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)


VALUES = st.recursive(LEAVES, _nested, max_leaves=12)


def outcome(parse: Callable[[object], object], value: object) -> object:
    """What is said of the value; None if it is taken."""
    try:
        parse(value)
    except (GraphQLError, TypeError) as error:
        return type(error), str(error)
    return None


def looked_through(value: object) -> object:
    scalars._require_storable(value, scalars.MAX_JSON_DEPTH)
    return orjson.dumps(value, default=scalars._unknown_yet)


@given(VALUES, st.integers(0, 40))
def test_a_quick_look_finds_what_a_look_at_each_value_finds(value: Any, around: int) -> None:
    for _ in range(around):
        value = [value]
    assert outcome(scalars.parsed_json, value) == outcome(looked_through, value)


def test_json_is_taken_up_to_its_last_byte() -> None:
    most = "a" * (scalars.MAX_JSON_BYTES - 2)
    assert outcome(scalars.parsed_json, most) is None
    assert "at most 262144 bytes; this is 262145" in str(outcome(scalars.parsed_json, most + "a"))
