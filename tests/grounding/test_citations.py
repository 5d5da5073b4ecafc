from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.grounding.citations import Mark, as_javascript_counts, marks, without_marks

FIVE = range(1, 6)


def cited(text: str) -> list[int]:
    return [mark.number for mark in marks(text, FIVE)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Ada plays chess [2].", [2]),
        ("Ada plays chess.[2]", [2]),
        ("Ada plays chess[2] and go[3].", [2, 3]),
        ("Ada plays [2, 5].", [2, 5]),
        ("Ada plays [2,5; 1].", [2, 5, 1]),
        ("Ada plays [2][5].", [2, 5]),
        ("Ada plays [2-4].", [2, 3, 4]),
        ("Ada plays [2 – 4, 1].", [2, 3, 4, 1]),  # noqa: RUF001
        ("“Ada plays.” [2: knowledge, 2026-11-20]", [2]),
        ("Ada plays [ 2 ].", [2]),
        ("Ada plays [2] [2].", [2, 2]),
        ("Ada plays [2, 2].", [2]),
        ("[1]\n[2]\n", [1, 2]),
        ("She said [sic] [2].", [2]),
    ],
)
def test_every_form_of_a_citation_is_read(text: str, numbers: list[int]) -> None:
    assert cited(text) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada plays chess (2).",
        "In [1840] she wrote it.",
        "Nothing [0], [6], [99999], [12345678901234567890].",
        "[4-2]",
        "[-2]",
        "[2.5]",
        "[]",
        "[two]",
        "[2",
        "2]",
        "[1:3]",
        "See [2](https://example.org).",
        "`list[2]`",
        "```\nnumbers = [1, 2, 3]\n```",
        "```python\nlist[2]",
    ],
)
def test_what_only_looks_like_a_citation_is_none(text: str) -> None:
    assert cited(text) == []


def test_of_several_numbers_those_that_name_a_source_are_citations() -> None:
    assert cited("Ada plays [2, 77].") == [2]
    assert cited("Ada plays [4-900].") == [4, 5]


def test_a_citation_after_code_is_read() -> None:
    assert cited("Use `list[1]` as told [2]. ```\nlist[3]\n``` Then [4].") == [2, 4]


def test_a_citation_tells_its_place() -> None:
    text = "Ada plays [2, 5]."
    assert marks(text, FIVE) == (Mark(2, 10, 16), Mark(5, 10, 16))
    assert text[10:16] == "[2, 5]"


def test_javascript_counts_some_characters_twice() -> None:
    text = "😀 [1] 漢 😀😀 [2-3]"
    units = text.encode("utf-16-le")
    found = as_javascript_counts(text, marks(text, FIVE))
    shown = [units[2 * mark.start : 2 * mark.end].decode("utf-16-le") for mark in found]
    assert shown == ["[1]", "[2-3]", "[2-3]"]


def test_a_text_is_left_without_marks() -> None:
    assert without_marks("Ada [1] plays[77: note, 2020] `list[2]`.") == "Ada  plays `list[2]`."


# Texts made of what citations are made of.
_pieces = st.lists(
    st.sampled_from([*"[]12-–,;: a`\n(😀", "33", "9999", "```"]),  # noqa: RUF001
    max_size=60,
).map("".join)


@given(st.text() | _pieces, st.sets(st.integers(1, 40)))
@settings(max_examples=200, deadline=None)
@example("[1-9999]", {1, 40})
def test_any_text_has_citations_of_its_sources_only_each_at_its_place(
    text: str, numbers: set[int]
) -> None:
    found = marks(text, numbers)
    assert {mark.number for mark in found} <= numbers
    places = [(mark.start, mark.end) for mark in found]
    assert places == sorted(places)
    assert all(text[start] == "[" and text[end - 1] == "]" for start, end in places)
    units = text.encode("utf-16-le", "surrogatepass")
    for mark, counted in zip(found, as_javascript_counts(text, found), strict=True):
        there = units[2 * counted.start : 2 * counted.end].decode("utf-16-le", "surrogatepass")
        assert there == text[mark.start : mark.end]


@pytest.mark.parametrize("piece", ["[", "[1,", "[1 ", "[1-", "`", "[1: a", "```", "[ "])
def test_a_long_text_is_read_in_a_time_that_grows_with_its_length(piece: str) -> None:
    assert marks(piece * (100_000 // len(piece)), FIVE) == ()
