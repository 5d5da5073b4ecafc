from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.grounding.tokens import estimated
from api.models import Prompt, Source
from api.models.condense import condensed
from api.models.extractive import FRAME, Extractive, answered

DAY = datetime(2026, 5, 1, tzinfo=UTC)


def turns(*texts: str) -> list[Source]:
    """Turns of a conversation, one a day."""
    return [
        Source(number, "conversation", text, DAY + timedelta(days=number))
        for number, text in enumerate(texts)
    ]


def summary(text: str) -> Source:
    return Source(0, "summary", text, DAY)


def summed_up(*sources: Source, allowance: int = 60) -> str:
    return condensed(sources, allowance, FRAME)


def test_it_keeps_what_tells_most_in_its_order_with_who_said_it_when() -> None:
    told = turns(
        "User: Hello there.\nAssistant: Hello! How are you?",
        "User: Fine. I am moving to Lisbon on 12 June.\nAssistant: Lisbon! How long will you stay?",
        "User: For two years. The flat in Lisbon costs 900 euros a month.\nAssistant: I see.",
        "User: Thanks.\nAssistant: You are welcome.",
    )
    assert summed_up(*told, allowance=50) == (
        "User, 2026-05-02: I am moving to Lisbon on 12 June.\n"
        "User, 2026-05-03: The flat in Lisbon costs 900 euros a month."
    )


def test_a_turn_of_somebody_with_a_name_is_theirs() -> None:
    assert summed_up(*turns("Caroline: I teach chess.")) == "Caroline, 2026-05-01: I teach chess."


def test_what_was_known_before_has_its_half() -> None:
    known = "\n".join(
        f"User, 2026-04-0{day}: The boat number {day} is blue." for day in range(1, 9)
    )
    told = turns(*(f"User: The house number {number} is red." for number in range(8)))
    kept = summed_up(summary(known), *told, allowance=100).splitlines()
    assert 2 <= sum("boat" in line for line in kept) <= len(kept) - 2
    assert kept == sorted(kept)


def test_what_is_known_and_nothing_new_stays_word_for_word() -> None:
    known = "User, 2026-04-01: I live in Lisbon.\nUser, 2026-04-02: My rent is 900 euros."
    assert summed_up(summary(known), *turns("User: Hi.\nAssistant: Hi.")).startswith(known)


def test_the_same_is_not_kept_twice_while_there_is_something_else() -> None:
    told = turns(*["User: Ada plays chess in Paris."] * 5, "User: Ada has a sister in Rome.")
    assert "sister" in summed_up(*told, allowance=40)


def test_a_quotation_of_what_is_stored_is_passed_over() -> None:
    stored = Source(1, "knowledge", "Ada plays chess.", DAY)
    quotation = answered(Prompt((), (stored,), "What does Ada play?"))
    told = turns(f"User: What does Ada play?\nAssistant: {quotation}")
    assert summed_up(*told) == "User, 2026-05-01: What does Ada play?"


async def test_the_extractive_model_condenses_when_it_is_asked_to() -> None:
    asked = Prompt((), tuple(turns("User: I play chess.")), "Write the summary.", condense_to=100)
    pieces = [piece async for piece in Extractive().stream(asked) if isinstance(piece, str)]
    assert "".join(pieces) == "User, 2026-05-01: I play chess."


@given(st.lists(st.text(max_size=300), max_size=8), st.text(max_size=300), st.integers(1, 200))
def test_any_conversation_is_condensed_within_its_room_or_to_one_sentence(
    texts: list[str], known: str, allowance: int
) -> None:
    text = summed_up(summary(known), *turns(*texts), allowance=allowance)
    assert estimated(text) <= allowance or len(text.splitlines()) <= 1
