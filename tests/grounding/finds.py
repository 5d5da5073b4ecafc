"""Finds made up for tests, and strategies that make up more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from hypothesis import strategies as st

from api.grounding.found import Asked, Found, Match
from db.records import Context

NOBODY = UUID(int=0)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def context(text: str, *, context_type: str = "knowledge", minutes: int = 0) -> Context:
    """A context that reads as `text`, created so many minutes after noon."""
    content = {"text": text}
    if context_type == "conversation":
        content = {"role": "assistant", "message": text}
    return Context(
        user_id=NOBODY,
        id=uuid5(NOBODY, f"{context_type}{minutes}{text}"),
        conversation_id=None,
        context_type=context_type,
        content=content,
        metadata={},
        created_at=NOON + timedelta(minutes=minutes),
        updated_at=NOON,
        expires_at=None,
        is_active=True,
        version=3,
    )


def matches(*texts: str) -> tuple[Match, ...]:
    """Matches, the first the best."""
    return tuple(
        Match(context(text, minutes=number), 1 / (1 + number), keyword_score=9 / (1 + number))
        for number, text in enumerate(texts)
    )


def asked(message: str = "What does Ada play?", budget: int = 2000) -> Asked:
    return Asked(NOBODY, message, None, budget)


# Any characters, the ones that look like markup often, and texts from nothing to far beyond any budget.
texts = st.one_of(
    st.text(max_size=80),
    st.text(alphabet='<>&"/ \nab.é漢😀', max_size=200),
    st.builds(
        lambda words, times: (words + " ") * times,
        st.text(min_size=1, max_size=20),
        st.integers(1, 400),
    ),
)


@st.composite
def founds(draw: st.DrawFn) -> Found:
    """Any mixture of finds, from nothing at all to far too much."""
    profile = draw(st.none() | texts)
    summary = draw(st.none() | texts)
    turns = draw(st.lists(texts, max_size=6))
    hits = draw(
        st.lists(st.tuples(texts, st.floats(0, 1), st.none() | st.floats(0, 9)), max_size=12)
    )
    return Found(
        profile=None if profile is None else context(profile, context_type="profile"),
        summary=None if summary is None else context(summary, context_type="summary"),
        turns=tuple(
            context(text, context_type="conversation", minutes=n) for n, text in enumerate(turns)
        ),
        matches=tuple(
            Match(context(text, minutes=100 + n), score, keyword, is_noise=score < 0.1)
            for n, (text, score, keyword) in enumerate(hits)
        ),
    )
