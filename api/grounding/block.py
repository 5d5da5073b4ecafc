"""One context as it stands in the prompt: a numbered entry that nothing in its text can end, and no text can fake."""

from __future__ import annotations

import re
from collections.abc import Callable

from api.context_types.summary import covers
from api.grounding.found import Section
from api.grounding.tokens import estimated
from db.records import Context

# What is no text: control and format characters that could hide, reorder or smuggle what is read. Tab and line feed
# are text, and so is the joiner that emoji and some scripts are written with.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SENTENCE_END = re.compile(r"[.!?。!?](?=\s)|\n")

ELLIPSIS = " …"


def escaped(text: str) -> str:
    """The text as data: no tag can begin or end in it, and nothing in it is invisible."""
    visible = _UNSEEN.sub("", text)
    return visible.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def block(context: Context, text: str, section: Section, number: int = 999) -> str:
    """The lines of one context. Any number below a thousand takes the same room.

    Only the first line begins at the margin, and it begins with what is ours: no line of the text can pose as another
    context, or end its section.
    """
    return f"[{number}] {_time(context, section)} {_label(context)}{_indented(text)}\n"


def _time(context: Context, section: Section) -> str:
    # What was just said is told apart by the minute; of all else the day is enough.
    precision = "%Y-%m-%d %H:%M" if section is Section.CONVERSATION else "%Y-%m-%d"
    # A summary is as recent as the last turn that it tells of.
    covered = covers(context.content) if context.context_type == "summary" else None
    return f"{covered.upto if covered else context.created_at:{precision}}"


def _label(context: Context) -> str:
    # A turn begins with who speaks.
    return "" if context.context_type == "conversation" else f"{escaped(context.context_type)}: "


def _indented(text: str) -> str:
    return escaped(text).replace("\n", "\n  ")


def cut_to(allowance: int, context: Context, text: str, section: Section) -> str:
    """The longest beginning of the text whose block takes at most `allowance` tokens, cut where a reader would.

    At the end of a sentence, else after a word; empty when there is no room for anything.
    """
    return beginning(text, lambda part: estimated(block(context, part, section)) <= allowance)


def beginning(text: str, fits: Callable[[str], bool]) -> str:
    """The longest beginning that fits, with an ellipsis after it; it is taken that no longer one does."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text[:middle] + ELLIPSIS):
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
