"""The citations in an answer: which sources of its prompt it names, and where.

A mark is `[2]`, several together `[2, 5]` or `[2][5]`, a range `[2-4]`, or one with its source named as in
`[2: knowledge, 2026-11-20]`. What stands in code or is a link cites nothing, nor does a number without a source.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_NUMBERS = r"[0-9]{1,4}(?:\s?[-–]\s?[0-9]{1,4})?"  # noqa: RUF001  # an en dash is how many write a range
_MARK = re.compile(
    rf"(?P<code>```.*?(?:```|\Z)|`[^`\n]+`)"
    rf"|\[ ?(?P<numbers>{_NUMBERS}(?: ?[,;] ?{_NUMBERS})*)(?: ?: ?[^\W\d_][^\[\]\n]{{0,200}})? ?\](?!\()",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One source named in a text, from `start` to `end` in characters; others may be named at the same place."""

    number: int
    start: int
    end: int


def marks(text: str, numbers: Collection[int]) -> tuple[Mark, ...]:
    """The citations of these sources, in the order they stand in, each source once at each place."""
    return tuple(
        Mark(number, match.start(), match.end())
        for match in _marks(text)
        for number in _named(match["numbers"], numbers)
    )


def without_marks(text: str) -> str:
    """The text with every mark taken out, whatever it names."""
    return _MARK.sub(lambda match: match[0] if match["code"] else "", text)


def unmarked(text: str) -> str:
    """The text for a quotation: what reads as a mark in it is in round brackets, and names nothing."""
    plain = text.replace("```", "'''")
    return _MARK.sub(lambda match: match[0] if match["code"] else f"({match[0][1:-1]})", plain)


def as_javascript_counts(text: str, found: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """The same places in UTF-16 code units instead of characters."""
    if text.isascii():
        return found
    counted, at, units = [], 0, 0
    for mark in found:
        # From mark to mark, so that a long text is gone through once.
        units, at = units + _units(text[at : mark.start]), mark.start
        counted.append(Mark(mark.number, units, units + _units(text[mark.start : mark.end])))
    return tuple(counted)


def _marks(text: str) -> Iterator[re.Match[str]]:
    return (match for match in _MARK.finditer(text) if not match["code"])


def _named(listed: str, numbers: Collection[int]) -> list[int]:
    """The sources that a mark names, without repeats: a range names those of them that there are."""
    named: dict[int, None] = {}
    for part in re.split("[,;]", listed):
        first, _, last = part.replace("–", "-").partition("-")  # noqa: RUF001
        low, high = int(first), int(last or first)
        # A range may be long, and name few.
        among = numbers if low < high else [low]
        named |= dict.fromkeys(sorted([n for n in among if low <= n <= high and n in numbers]))
    return list(named)


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
