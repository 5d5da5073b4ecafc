"""Whether two texts say the same, near enough that one of them is room wasted."""

from __future__ import annotations

import re
from collections import defaultdict

SAME = 0.9
"""The part of their words that two texts share when they say the same."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
# A number, a name or a denial that only one of them has makes all the difference.
_TELLING = re.compile(r"\d|[A-Z]|(?:not|no|never|nor|none|cannot)$|.*n['\u2019]t$")


class Said:
    """The texts that were said so far."""

    def __init__(self) -> None:
        self._with: dict[int, list[frozenset[str]]] = defaultdict(list)

    def again(self, text: str) -> bool:
        """Whether something said before was near enough the same; the text is remembered either way."""
        words = frozenset(_WORD.findall(text))
        found = any(_alike(words, other) for other in self._of_size(len(words)))
        self._with[len(words)].append(words)
        return found

    def _of_size(self, size: int) -> list[frozenset[str]]:
        """Those that have about as many words: with others there is too much that only one has."""
        sizes = range(int(size * SAME), int(size / SAME) + 1)
        return [words for near in sizes for words in self._with.get(near, ())]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    apart = one ^ other
    if not apart:
        return True
    return len(apart) <= (1 - SAME) * len(one | other) and not any(map(_TELLING.match, apart))
