"""One context as it stands in the prompt: a numbered entry that nothing in its text can end, and no text can fake."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce

from api.context_types.summary import covers
from api.grounding.found import Section
from api.grounding.tokens import estimated
from db.records import Context

# Whatever a reader may take for the end of a line is one.
_BREAK = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# What is no text: control and format characters that could hide, reorder or smuggle what is read. Tab and line feed
# are text, and so are the joiners and the selectors that emoji and some scripts are written with.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
# Marks as entries begin with and answers cite by: a number, a range, or `2: knowledge, 2026-11-20`, several in a row.
# An index, which follows what it is of, and a link are none.
_OPENED = r"[\[［﹇]"  # noqa: RUF001  # wide brackets
_NUMBERED = (
    r"[^\S\n]{0,9}\d{1,3}(?:\s?[-–]\s?\d{1,3})?"  # noqa: RUF001  # an en dash
    r"(?:\s?:\s?[^\W\d_][^\[\]\n]{0,80})?[^\S\n]{0,9}[\]］﹈]"  # noqa: RUF001
)
_MARK = re.compile(rf"{_OPENED}(?<![\w)\]].){_NUMBERED}(?:{_OPENED}{_NUMBERED})*(?!\()")
_ROUND = str.maketrans("[]［］﹇﹈", "()()()")  # noqa: RUF001
# What the templates of some model families delimit with that is no tag: `[INST]`, `[/TOOL_RESULTS]`, `]~b]`, `[e~[`.
_TOKEN = re.compile(r"\[(?=/?[A-Z][A-Z_]+\]|e~\[)|\](?=~!?b|!p~)")
# Tokenizers that normalise read the wide and the small ones as the plain.
_OPENING, _CLOSING = "<＜﹤", ">＞﹥"  # noqa: RUF001
_TAGS = {
    "&": "&amp;",
    **dict.fromkeys(_OPENING, "&lt;"),
    **dict.fromkeys(_CLOSING, "&gt;"),
}
_SENTENCE_END = re.compile(r"[.!?。!?](?=\s)|\n")

ELLIPSIS = " …"


def escaped(text: str) -> str:
    """The text as data: no tag and no token of a template begins or ends in it, no mark numbers it anew, and
    nothing in it is invisible.
    """
    visible = _UNSEEN.sub("", _BREAK.sub("\n", text))
    unmarked = _MARK.sub(lambda marks: marks[0].translate(_ROUND), visible)
    # A space within takes no token, and none of a template's.
    untold = _TOKEN.sub(r"\g<0> ", unmarked)
    # One by one, which is far faster than `translate`.
    return reduce(lambda told, tag: told.replace(*tag), _TAGS.items(), untold)


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
