"""What was found, put in order: the best of each section first, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from api import context_types
from api.grounding.alike import Said
from api.grounding.found import Candidate, Found, Match, Reason, Section
from db.records import Context


def ranked(found: Found) -> tuple[Candidate, ...]:
    """Every find as a candidate, section by section, best first.

    A context is there once, in the section that knows it best. One that says the same as an earlier one is a
    `DUPLICATE`.
    """
    seen: set[UUID] = set()
    said = Said()
    sections: dict[Section, list[Candidate]] = {section: [] for section in Section}
    for candidate in _candidates(found):
        if candidate.context.id in seen:
            continue
        seen.add(candidate.context.id)
        reason = candidate.reason
        if reason is not Reason.BELOW_THRESHOLD and said.again(candidate.text):
            reason = Reason.DUPLICATE
        ranking = sections[candidate.section]
        ranking.append(replace(candidate, reason=reason, rank=len(ranking) + 1))
    return tuple(candidate for ranking in sections.values() for candidate in ranking)


def _candidates(found: Found) -> Iterator[Candidate]:
    if found.profile:
        yield _candidate(found.profile, Section.PROFILE, Reason.PROFILE, 1.0)
    if found.summary:
        yield _candidate(found.summary, Section.SUMMARY, Reason.RECENT, 1.0)
    for age, turn in enumerate(reversed(found.turns)):
        yield _candidate(turn, Section.CONVERSATION, Reason.RECENT, 1 / (1 + age))
    for match in found.matches:
        yield _candidate(
            match.context,
            Section.KNOWLEDGE,
            _reason(match),
            match.score,
            match.keyword_score,
            match.semantic_score,
        )


def _reason(match: Match) -> Reason:
    if match.is_noise:
        return Reason.BELOW_THRESHOLD
    if match.keyword_score is None and match.semantic_score is None:
        return Reason.NEIGHBOUR
    return Reason.RELEVANT


def _candidate(
    context: Context,
    section: Section,
    reason: Reason,
    score: float,
    keyword: float | None = None,
    semantic: float | None = None,
) -> Candidate:
    """Its rank is known once those before it are."""
    text = context_types.rendered(context.context_type, context.content)
    return Candidate(context, text, section, reason, 0, score, keyword, semantic)
