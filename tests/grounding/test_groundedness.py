from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.grounding.groundedness import groundedness

SOURCES = {
    1: "Ada flies to Copenhagen on 12 December and stays at Hotel Astoria for three nights.",
    2: "Ada drinks tea with lemon and never coffee.",
    3: "Charles builds engines in London.",
}


def support(answer: str) -> float:
    judged = groundedness(answer, SOURCES)
    assert judged is not None
    return judged


@pytest.mark.parametrize(
    "answer",
    [
        SOURCES[1],
        "Ada is staying at Hotel Astoria [1].",
        "She drinks tea. Charles builds engines.",
        "- “Ada drinks tea with lemon.” [2: knowledge, 2026-11-20]",
        "Ada drinks tea, and Charles builds engines [2][3].",
        "Ada drinks tea. Would you like to know what sort of biscuits go with that?",
    ],
)
def test_what_the_contexts_say_is_grounded(answer: str) -> None:
    assert support(answer) == 1


def test_what_they_do_not_say_is_not() -> None:
    assert support("Penguins live near glaciers.") == 0
    assert groundedness("Penguins live near glaciers.", {}) == 0


def test_each_sentence_has_its_part() -> None:
    assert support("Ada drinks tea. Penguins eat fish.") == pytest.approx(0.5)


def test_a_wrong_number_weighs_more_than_a_wrong_name_and_that_more_than_another_word() -> None:
    number = support("Ada flies to Copenhagen on 13 December")
    name = support("Ada flies to Stockholm on 12 December")
    word = support("Ada sails to Copenhagen on 12 December")
    assert number < name < word < 1


def test_words_put_together_from_several_contexts_count_half_unless_all_are_cited() -> None:
    mixed = support("Charles drinks tea in Copenhagen.")
    assert 0.5 < mixed < 1
    assert support("Charles drinks tea in Copenhagen [1-3].") == 1
    # A citation of what does not hold it does not help.
    assert support("Penguins eat fish [1].") == 0


@pytest.mark.parametrize(
    "answer", ["", "  \n", "…", "What do you mean?", "[1][2]", "It is. You are."]
)
def test_where_nothing_is_said_there_is_nothing_to_judge(answer: str) -> None:
    assert groundedness(answer, SOURCES) is None


@pytest.mark.parametrize(
    ("context", "right", "wrong"),
    [
        (
            "Ada fliegt am 12. Dezember nach Kopenhagen und wohnt im Hotel Astoria.",
            "Ada wohnt in Kopenhagen im Hotel Astoria.",
            "Pinguine leben gern auf Gletschern.",
        ),
        ("艾达喜欢下棋。她住在伦敦。", "艾达住在伦敦。", "企鹅生活在冰川附近。"),
        ("Ада любит шахматы и живёт в Лондоне.", "Ада живёт в Лондоне.", "Пингвины едят рыбу."),
    ],
)
def test_other_languages_are_judged_as_sensibly(context: str, right: str, wrong: str) -> None:
    told, made_up = groundedness(right, {1: context}), groundedness(wrong, {1: context})
    assert told is not None
    assert made_up is not None
    assert told >= 0.7
    assert made_up <= 0.2


_said = st.lists(
    st.sampled_from(
        [
            "Ada",
            "tea",
            "12",
            "penguins",
            "Copenhagen",
            ". ",
            "?",
            "\n",
            "[1]",
            "[2, 3]",
            "the",
            "漢字",
        ]
    ),
    max_size=30,
).map(" ".join)


@given(st.text() | _said, st.dictionaries(st.integers(1, 5), st.text() | _said, max_size=5))
@settings(max_examples=150, deadline=None)
def test_it_is_from_0_to_1_and_more_contexts_never_make_it_less(
    answer: str, sources: dict[int, str]
) -> None:
    judged = groundedness(answer, sources)
    assert judged == groundedness(answer, sources)
    if judged is None:
        return
    assert 0 <= judged <= 1
    fewer = groundedness(answer, dict(list(sources.items())[1:]))
    assert fewer is not None
    assert fewer <= judged + 1e-9
