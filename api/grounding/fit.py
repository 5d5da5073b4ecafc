"""Which candidates go in: as many of the best as each section has room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from api.grounding.block import block, cut_to
from api.grounding.budget import allowances
from api.grounding.found import Candidate, Item, Reason, Section
from api.grounding.tokens import estimated


def within(room: int, candidates: Sequence[Candidate]) -> tuple[Item, ...]:
    """What becomes of each candidate, in their order. What is included takes at most `room` tokens.

    Candidates are taken by rank. One that does not fit is left out, and smaller ones after it may still come in;
    the first of a section is rather cut than left out.
    """
    wanted = [_whole(candidate) for candidate in candidates]
    needs = dict.fromkeys(Section, 0)
    for item in wanted:
        if item.included:
            needs[item.candidate.section] += item.tokens
    given = allowances(needs, room)
    fitted = [item for section in Section for item in _taken(_of(wanted, section), given[section])]
    left = room - sum(item.tokens for item in fitted if item.included)
    return _filled_up(fitted, left)


def _of(items: list[Item], section: Section) -> list[Item]:
    return [item for item in items if item.candidate.section is section]


def _whole(candidate: Candidate) -> Item:
    """The candidate as if there were room for all of it; noise and duplicates stay out in any case."""
    size = estimated(block(candidate.context, candidate.text, candidate.section))
    included = candidate.reason not in {Reason.DUPLICATE, Reason.BELOW_THRESHOLD}
    return Item(candidate, included, candidate.reason, candidate.text, size)


def _taken(items: list[Item], allowance: int) -> list[Item]:
    """The items of one section, in or out, within its allowance."""
    taken: list[Item] = []
    for item in items:
        if not item.included:
            taken.append(item)
            continue
        if item.tokens > allowance and not any(other.included for other in taken):
            item = _cut(item, allowance)  # noqa: PLW2901
        if item.tokens > allowance:
            item = _left_out(item)  # noqa: PLW2901
        else:
            allowance -= item.tokens
        taken.append(item)
    return taken


def _filled_up(items: list[Item], left: int) -> tuple[Item, ...]:
    """What the sections left over goes first to what was cut, then to what was left out, by rank."""
    filled: list[Item] = []
    for item in items:
        grown = item
        if item.truncated:
            longer = _cut(_whole(item.candidate), item.tokens + left)
            if longer.tokens <= item.tokens + left:
                grown = longer
            left -= grown.tokens - item.tokens
        elif item.reason is Reason.OVER_BUDGET and item.tokens <= left:
            grown = replace(item, included=True, reason=item.candidate.reason)
            left -= grown.tokens
        filled.append(grown)
    return tuple(filled)


def _cut(item: Item, allowance: int) -> Item:
    """The beginning of the item that fits, or the item as it was if none does."""
    if item.tokens <= allowance:
        return item
    candidate = item.candidate
    text = cut_to(allowance, candidate.context, candidate.text, candidate.section)
    if not text:
        return item
    size = estimated(block(candidate.context, text, candidate.section))
    return replace(item, text=text, tokens=size, truncated=True)


def _left_out(item: Item) -> Item:
    return replace(item, included=False, reason=Reason.OVER_BUDGET)
