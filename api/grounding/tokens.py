"""How many tokens a text takes, estimated without any model's tables, and rather too many than too few.

Against two tokenizers in wide use it estimates 1.1 to 1.7 times their count on prose, code and data, and more on
scripts that newer tokenizers have learnt to pack; see docs/decisions/0003-token-estimates.md.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Contractions, words by their humps, capitals, digits by threes, white space, and everything else one by one.
_PIECE = re.compile(
    r"(?<=[a-z])'(?:s|t|m|d|ll|re|ve)(?![a-z])|[A-Z]?[a-z]+|[A-Z]+| ?[0-9]{1,3}|\s+|.", re.DOTALL
)
_VOWEL = re.compile(r"[aeiouyAEIOUY]")

MESSAGE_OVERHEAD = 5
"""What a message takes besides its text, and each its share of what frames them all."""


def estimated(text: str) -> int:
    """The tokens of the text. For parts divided at line ends, the estimates of the parts add up to the whole's."""
    return sum(map(_size, _PIECE.findall(text)))


# A language has few words that are used much.
@lru_cache(maxsize=20_000)
def _size(piece: str) -> int:
    if not piece.isascii():
        # A character is rarely more tokens than it has bytes beyond the first.
        return max(len(piece.encode("utf-8", "replace")) - 1, 1)
    if piece.isspace():
        # A single space goes with the word after it.
        return 0 if piece == " " else len(piece) if "\n" in piece else 1
    if piece.startswith("'"):
        return 1
    return _size_of_word(piece) if piece.isalpha() else 1 + piece.startswith(" ")


def _size_of_word(word: str) -> int:
    if not _VOWEL.search(word):
        # Not a word that anything has learnt.
        return -(-2 * len(word) // 3)
    if word.isupper():
        return (len(word) + 1) // 2
    if len(word) <= 6:
        return 1
    return 2 if len(word) <= 9 else -(-len(word) // 3)
