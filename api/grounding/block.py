"""One context as it stands in the prompt: its text between tags that nothing in it can close."""

from __future__ import annotations

import re

from api.grounding.tokens import estimated
from db.records import Context

# What is no text: control and format characters that could hide or reorder what is read, tab and line feed apart.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_SENTENCE_END = re.compile(r"[.!?。!?](?=\s)|\n")

ELLIPSIS = " …"


def escaped(text: str) -> str:
    """The text as data: no tag can begin or end in it, and nothing in it is invisible."""
    visible = _UNSEEN.sub("", text)
    return (
        visible.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace('"', "&quot;")
    )


def block(context: Context, text: str, number: int = 999) -> str:
    """The lines of one context. Any number below a thousand takes the same room."""
    return (
        f'<context id="{number}" type="{escaped(context.context_type)}" '
        f'time="{context.created_at:%Y-%m-%dT%H:%MZ}">\n{escaped(text)}\n</context>\n'
    )


def cut_to(allowance: int, context: Context, text: str) -> str:
    """The longest beginning of the text whose block takes at most `allowance` tokens, cut where a reader would.

    At the end of a sentence, else after a word; empty when there is no room for anything.
    """
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if estimated(block(context, text[:middle] + ELLIPSIS)) <= allowance:
            low = middle
        else:
            high = middle - 1
    return _ended_well(text[:low])


def _ended_well(text: str) -> str:
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    # A cut that would throw half of it away is worse than one within a sentence.
    if ends and ends[-1] * 2 >= len(text):
        return text[: ends[-1]].rstrip() + ELLIPSIS
    words = text.rsplit(maxsplit=1)
    kept = words[0] if len(words) > 1 else text
    return kept.rstrip() + ELLIPSIS if kept.strip() else ""
