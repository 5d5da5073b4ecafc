"""The words of a text that carry meaning, in a form that their other forms share.

The lists are of English. A text in another language is compared by all of its words, or by pairs of characters.
"""

from __future__ import annotations

import re

SENTENCE = re.compile(r"[^\n.!?。!?]+(?:[.!?。!?]+(?=\s|$)|[.!?](?=\S)[^\n.!?]*)*[.!?。!?]*")
"""A sentence, or a line that is none."""

_WORD = re.compile(r"\w+")
# Scripts that are written without spaces, or, as Hangul is, with endings that no list here cuts off.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_ENDINGS = ("ings", "ing", "edly", "ies", "es", "ed", "ly", "s")
_STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "can",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "how",
        "i",
        "in",
        "is",
        "it",
        "its",
        "me",
        "my",
        "of",
        "on",
        "or",
        "our",
        "she",
        "so",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "they",
        "this",
        "to",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
        "about",
        "am",
        "if",
        "into",
        "not",
        "user",
        "assistant",
        "source",
    ]
)


def stems(text: str) -> frozenset[str]:
    """The words of the text that carry meaning, folded and cut to what their forms have in common."""
    return frozenset(stem for word in words(text) for stem in stems_of(word))


def words(text: str) -> list[str]:
    """Its words in order, as they are written; all of them."""
    return _WORD.findall(text)


def stems_of(word: str) -> frozenset[str]:
    """What a word is known by: nothing if it carries no meaning, pairs of characters if it is a run of many words."""
    folded = word.casefold()
    if folded in _STOP_WORDS:
        return frozenset()
    if len(folded) > 2 and _UNSPACED.search(folded):
        return frozenset(folded[at : at + 2] for at in range(len(folded) - 1))
    return frozenset([_stem(folded)])


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    # As in make and making.
    return word.removesuffix("e") if len(word) > 3 else word
