"""How many tokens a text takes, estimated without any model's tables, and rather too many than too few."""

from __future__ import annotations

import re

# Words by their humps, capitals, digits by threes, white space, and everything else one by one.
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]{1,3}|\s+|.", re.DOTALL)

MESSAGE_OVERHEAD = 5
"""What a message takes besides its text, and each its share of what frames them all."""


def estimated(text: str) -> int:
    """The tokens of the text. For parts divided at line ends, the estimates of the parts add up to the whole's."""
    return sum(_size(piece) for piece in _PIECE.findall(text))


def _size(piece: str) -> int:
    first = piece[0]
    if first.isspace():
        # A single space goes with the word after it.
        return 0 if piece == " " else len(piece) if "\n" in piece else 1
    if not first.isascii():
        return max(len(piece.encode("utf-8", "replace")) - 1, 1)
    if piece.isalpha():
        # Common words are one token; names, rare words and long ones are several.
        return 1 + (len(piece) - 1) // (2 if piece.isupper() else 5)
    return 1
