"""How the extractive model summarises: it keeps the sentences of a conversation that tell most, in their order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log, sqrt

from api.grounding.tokens import estimated
from api.models.prompt import Source
from api.words import SENTENCE, stems

# A turn begins with its speaker, and so does what the assistant says to the user; a summary says the day as well.
_FIRST = re.compile(r"([^\n:]{1,60}): ")
_LATER = re.compile(r"(User|Assistant|System|Tool): ")
_DATED = re.compile(r"([^\n:]{1,60}, \d{4}-\d\d-\d\d): ")

HEARD = 0.25
"""What a word still counts once it has been kept, so that the same is not kept twice."""

ASKED = 0.5
"""What a question counts: it tells less than its answer."""

EXACT = 1.5
"""What a sentence with a number in it counts: dates, times and amounts are what one comes back for."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence as it would stand in the summary, its words, its size in tokens, and its place among all.

    `leaning` weighs its kind; `is_old` says that an earlier summary had it.
    """

    place: int
    text: str
    stems: frozenset[str]
    size: int
    leaning: float
    is_old: bool


def condensed(sources: Sequence[Source], allowance: int, quoting: Sequence[str]) -> str:
    """The most telling sentences in at most `allowance` tokens, half of which an earlier summary has for itself.

    What an assistant said is passed over in turns that have one of the `quoting` texts: it stands elsewhere.
    Where no sentence is short enough, it is the best one, too long as it is.
    """
    lines = list(_lines(sources, quoting))
    worth = _worth(lines)
    known = _chosen([line for line in lines if line.is_old], worth, allowance // 2)
    others = [line for line in lines if line not in known]
    kept = known + _chosen(others, worth, allowance - sum(line.size for line in known))
    if not kept and lines:
        kept = [max(lines, key=lambda line: _score(line, worth))]
    return "\n".join(line.text for line in sorted(kept, key=lambda line: line.place))


def _lines(sources: Sequence[Source], quoting: Sequence[str]) -> Iterator[Line]:
    said = (one for source in sources for one in _said(source, quoting))
    for place, (is_old, prefix, sentence) in enumerate(said):
        leaning = ASKED if sentence.endswith("?") else 1.0
        if any(character.isdigit() for character in sentence):
            leaning *= EXACT
        text = prefix + sentence
        yield Line(place, text, stems(sentence), estimated(f"{text}\n"), leaning, is_old)


def _said(source: Source, quoting: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    """Each sentence after who said it when."""
    quotes = any(text in source.text for text in quoting)
    is_old = source.context_type == "summary"
    speaker = ""
    for number, line in enumerate(source.text.splitlines()):
        begun = (_DATED if is_old else _LATER if number else _FIRST).match(line)
        if begun:
            speaker = begun[1] if is_old else f"{begun[1]}, {source.created_at:%Y-%m-%d}"
        if quotes and speaker.startswith("Assistant, "):
            continue
        for sentence in SENTENCE.finditer(line, begun.end() if begun else 0):
            if text := sentence.group().strip():
                yield is_old, f"{speaker}: " if speaker else "", text


def _worth(lines: Iterable[Line]) -> dict[str, float]:
    """What each word tells: more if it comes up again and again, less if it is everywhere."""
    lines = list(lines)
    counts = Counter(stem for line in lines for stem in line.stems)
    return {stem: count * log(1 + len(lines) / count) for stem, count in counts.items()}


def _score(line: Line, worth: dict[str, float]) -> float:
    told = sum(worth[stem] for stem in line.stems)
    # Neither the longest sentence, which has most of the words, nor the one that is nothing but the topic.
    return line.leaning * told / sqrt(1 + len(line.stems))


def _chosen(lines: Sequence[Line], worth: dict[str, float], room: int) -> list[Line]:
    """The best that fit into so many tokens, one by one; what they tell is worth less from then on."""
    chosen: list[Line] = []
    left = [line for line in lines if line.size <= room]
    while left:
        best = max(left, key=lambda line: _score(line, worth))
        if not _score(best, worth):
            break
        chosen.append(best)
        room -= best.size
        worth.update({stem: worth[stem] * HEARD for stem in best.stems})
        left = [line for line in left if line is not best and line.size <= room]
    return chosen
