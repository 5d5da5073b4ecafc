from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.grounding.alike import Said

LONG = (
    "the meeting about the new engine was moved to the large room on the second floor again today"
)


def again(first: str, then: str) -> bool:
    said = Said()
    said.again(first)
    return said.again(then)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("Ada plays chess.", "Ada plays chess."),
        ("Ada plays chess.", "Ada plays chess!  "),
        (LONG, LONG.replace("again ", "")),
        (LONG, f"{LONG}, really"),
    ],
)
def test_what_says_the_same_is_alike(first: str, then: str) -> None:
    assert again(first, then)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("Ada plays chess.", "Ada plays tennis."),
        (LONG, LONG.replace("was moved", "was not moved")),
        (LONG, LONG.replace("second", "2nd")),
        (f"{LONG} on the 12th", f"{LONG} on the 13th"),
        (f"{LONG} by Ada", f"{LONG} by Grace"),
        (LONG, LONG.replace("was", "wasn't")),
        (LONG, ""),
    ],
)
def test_what_differs_in_what_matters_is_not(first: str, then: str) -> None:
    assert not again(first, then)


@given(st.text(max_size=200))
def test_everything_is_like_itself(text: str) -> None:
    assert again(text, text)
