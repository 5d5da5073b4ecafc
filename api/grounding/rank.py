"""What was found, put in order: the best of each section first, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from api import context_types
from api.grounding.found import Candidate, Found, Reason, Section
from db.records import Context


def ranked(found: Found) -> tuple[Candidate, ...]:
    """Every find as a candidate, section by section, best first.

    A context is there once, in the section that knows it best. One that reads the same as an earlier one is a
    `DUPLICATE`.
    """
    seen_ids: set[object] = set()
    seen_texts: set[str] = set()
    candidates = []
    for candidate in _candidates(found):
        if candidate.context.id in seen_ids:
            continue
        seen_ids.add(candidate.context.id)
        if candidate.text in seen_texts:
            candidate = replace(candidate, reason=Reason.DUPLICATE)  # noqa: PLW2901
        seen_texts.add(candidate.text)
        candidates.append(candidate)
    return _renumbered(candidates)


def _candidates(found: Found) -> Iterator[Candidate]:
    if found.profile:
        yield _candidate(found.profile, Section.PROFILE, Reason.PROFILE, 1.0)
    if found.summary:
        yield _candidate(found.summary, Section.SUMMARY, Reason.RECENT, 1.0)
    for age, turn in enumerate(reversed(found.turns)):
        yield _candidate(turn, Section.CONVERSATION, Reason.RECENT, 1 / (1 + age))
    best = max((match.score for match in found.matches), default=0.0)
    for match in found.matches:
        relative = match.score / best if best else 0.0
        known = _candidate(match.context, Section.KNOWLEDGE, Reason.RELEVANT, relative)
        yield replace(known, keyword_score=match.score)


def _candidate(context: Context, section: Section, reason: Reason, score: float) -> Candidate:
    text = context_types.rendered(context.context_type, context.content)
    return Candidate(context, text, section, reason, rank=0, score=score)


def _renumbered(candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """The sections in the order of the prompt, ranks counted from 1 in each."""
    return tuple(
        replace(candidate, rank=rank)
        for section in Section
        for rank, candidate in enumerate((c for c in candidates if c.section is section), start=1)
    )
