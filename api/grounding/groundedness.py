"""How much of an answer the contexts in its prompt support, judged by words alone.

Sentence by sentence: which of its words stand in one of the contexts, or in those that its line cites. No model is
asked, so a paraphrase looks unsupported, and a negation or a wrong conclusion made of the right words supported.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from math import log1p

from api.grounding.citations import marks, without_marks
from api.words import SENTENCE, stems, stems_of, words

NUMBER, NAME, WORD = 3, 2, 1
"""What a word weighs: a number that is made up does more harm than a word that is put in other terms."""

ELSEWHERE = 0.5
"""What a word counts for that stands in another context than the rest of its sentence: it may be out of place."""

Weights = Mapping[str, int]
"""What each word of a sentence weighs, by its stem."""

Places = Mapping[str, Collection[int]]
"""In which sources each word stands."""


def groundedness(answer: str, sources: Mapping[int, str]) -> float | None:
    """From 0 to 1, over the texts of the sources by their numbers; None if no sentence says anything."""
    places = _places(sources)
    total = supported = 0.0
    for sentence, cited in _claims(answer, sources):
        # A claim is a claim, told in few words or in many.
        importance = log1p(sum(sentence.values()))
        total += importance
        supported += importance * _support(sentence, places, cited)
    return supported / total if total else None


def _places(sources: Mapping[int, str]) -> Places:
    places: dict[str, list[int]] = defaultdict(list)
    for number, text in sources.items():
        for stem in stems(text):
            places[stem].append(number)
    return places


def _claims(answer: str, numbers: Collection[int]) -> Iterator[tuple[Weights, frozenset[int]]]:
    """Each sentence that states something, with the sources that are cited in its line."""
    for line in answer.splitlines():
        cited = frozenset(mark.number for mark in marks(line, numbers))
        for sentence in SENTENCE.findall(without_marks(line)):
            weights = _weighed(sentence)
            # A question claims nothing.
            if weights and not sentence.rstrip().endswith("?"):
                yield weights, cited


def _support(sentence: Weights, places: Places, cited: frozenset[int]) -> float:
    """The part of the sentence's weight that its best basis holds, and half of what stands elsewhere."""
    held: Counter[int] = Counter()
    anywhere = by_cited = 0
    for stem, weight in sentence.items():
        standing = places.get(stem, ())
        held.update(dict.fromkeys(standing, weight))
        anywhere += weight if standing else 0
        by_cited += weight if not cited.isdisjoint(standing) else 0
    best = max(by_cited, max(held.values(), default=0))
    return (best + ELSEWHERE * (anywhere - best)) / sum(sentence.values())


def _weighed(sentence: str) -> Weights:
    """The words of a sentence that carry meaning, and what each weighs."""
    weights: dict[str, int] = {}
    for place, word in enumerate(words(sentence)):
        for stem in stems_of(word):
            weights[stem] = max(weights.get(stem, 0), _weight(word, is_first=place == 0))
    return weights


def _weight(word: str, *, is_first: bool) -> int:
    if any(character.isdigit() for character in word):
        return NUMBER
    # The first word of a sentence has a capital in any case.
    return NAME if word[0].isupper() and not is_first else WORD
