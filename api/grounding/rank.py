"""What was found, put in order: the best of each section first, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from api import context_types
from api.grounding.alike import Said
from api.grounding.found import Candidate, Found, Match, Reason, Section
from db.records import Context


def ranked(found: Found) -> tuple[Candidate, ...]:
    """Every find as a candidate, section by section, best first.

    A context is there once, in the section that knows it best. One that says the same as an earlier one is a
    `DUPLICATE`.
    """
    seen_ids: set[object] = set()
    said = Said()
    candidates = []
    for candidate in _candidates(found):
        if candidate.context.id in seen_ids:
            continue
        seen_ids.add(candidate.context.id)
        if candidate.reason is not Reason.BELOW_THRESHOLD and said.again(candidate.text):
            candidate = replace(candidate, reason=Reason.DUPLICATE)  # noqa: PLW2901
        candidates.append(candidate)
    return _renumbered(candidates)


def _candidates(found: Found) -> Iterator[Candidate]:
    if found.profile:
        yield _candidate(found.profile, Section.PROFILE, Reason.PROFILE, 1.0)
    if found.summary:
        yield _candidate(found.summary, Section.SUMMARY, Reason.RECENT, 1.0)
    for age, turn in enumerate(reversed(found.turns)):
        yield _candidate(turn, Section.CONVERSATION, Reason.RECENT, 1 / (1 + age))
    for match in found.matches:
        known = _candidate(match.context, Section.KNOWLEDGE, _reason(match), match.score)
        yield replace(known, keyword_score=match.keyword_score, semantic_score=match.semantic_score)


def _reason(match: Match) -> Reason:
    if match.is_noise:
        return Reason.BELOW_THRESHOLD
    if match.keyword_score is None and match.semantic_score is None:
        return Reason.NEIGHBOUR
    return Reason.RELEVANT


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
