from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.words import SENTENCE, stems, stems_of, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("drinks tea", "Drinking, tea!"),
        ("engines", "Engine"),
        ("make", "making"),
        ("Straße", "STRASSE"),
    ],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stems(one) == stems(other)


def test_words_that_carry_no_meaning_have_none() -> None:
    assert stems("What is it to the user?") == frozenset()


def test_a_run_without_spaces_is_known_by_its_pairs() -> None:
    assert stems("艾达下棋") == {"艾达", "达下", "下棋"}
    assert stems("她下棋") & stems("艾达下棋") == {"下棋"}
    assert stems("棋") == {"棋"}


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Ada plays. Grace sings!", ["Ada plays.", " Grace sings!"]),
        ("It costs 3.50 euros.", ["It costs 3.50 euros."]),
        ("艾达下棋。她喝茶。", ["艾达下棋。", "她喝茶。"]),
        ("one line\nanother", ["one line", "another"]),
    ],
)
def test_a_text_falls_into_its_sentences(text: str, sentences: list[str]) -> None:
    assert SENTENCE.findall(text) == sentences


@given(st.text())
def test_the_stems_of_a_text_are_those_of_its_words(text: str) -> None:
    assert stems(text) == {stem for word in words(text) for stem in stems_of(word)}
