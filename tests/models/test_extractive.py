from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from api.models import MODELS, Prompt, Source, Usage
from api.models.extractive import Extractive, answered

DAY = datetime(2026, 11, 20, tzinfo=UTC)


def prompt(message: str, *texts: str, context_type: str = "knowledge") -> Prompt:
    sources = tuple(
        Source(number, context_type, text, DAY) for number, text in enumerate(texts, start=1)
    )
    return Prompt((), sources, message)


def test_every_model_is_listed_by_its_name() -> None:
    assert all(name == model.name for name, model in MODELS.items())


def test_the_best_sentence_is_quoted_word_for_word_with_its_source() -> None:
    answer = answered(
        prompt(
            "Where does she stay in Copenhagen?",
            "Ada drinks tea.",
            "Ada flies on 12 December. She stays at Hotel Astoria in Copenhagen. She reads.",
        )
    )
    assert "“She stays at Hotel Astoria in Copenhagen.” [2: knowledge, 2026-11-20]" in answer
    assert "tea" not in answer
    assert "No language model was used" in answer


def test_forms_of_a_word_match() -> None:
    assert "“Ada was drinking tea.”" in answered(
        prompt("What does Ada drink?", "Ada was drinking tea.")
    )


def test_without_a_match_it_says_so() -> None:
    assert "Nothing that is stored matches" in answered(prompt("volcano", "Ada drinks tea."))
    assert "Nothing that is stored matches" in answered(prompt("volcano"))


def test_a_question_is_no_answer() -> None:
    past = prompt(
        "What is the code?",
        "User: What is the code?\nAssistant: The code is 7.",
        context_type="conversation",
    )
    assert "“Assistant: The code is 7.”" in answered(past)
    assert "“User:" not in answered(past)


async def test_it_streams_the_same_answer_every_time_and_counts_it() -> None:
    asked = prompt("What does Ada drink?", "Ada drinks tea.")
    first = [piece async for piece in Extractive().stream(asked)]
    second = [piece async for piece in Extractive().stream(asked)]
    assert first == second
    assert "".join(piece for piece in first if isinstance(piece, str)) == answered(asked)
    assert isinstance(first[-1], Usage)
    assert len(first) > 3


def test_a_sentence_without_end_is_not_quoted_without_end() -> None:
    assert len(answered(prompt("tea", "tea " * 10_000))) < 1000


@given(st.text(max_size=200), st.lists(st.text(max_size=200), max_size=5))
def test_any_text_is_answered(message: str, texts: list[str]) -> None:
    assert "No language model was used" in answered(prompt(message, *texts))
