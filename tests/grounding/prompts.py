"""Reading a prompt as strictly as can be: whatever is not as it must be fails."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from api.grounding.found import Section

_HEAD = re.compile(
    r"\[(?P<number>[1-9][0-9]*)\] [0-9]{4}-[0-9]{2}-[0-9]{2} (?P<time>[0-9]{2}:[0-9]{2} )?"
    r"(?P<label>[A-Za-z0-9][A-Za-z0-9_.:-]{0,49}: )?(?P<text>.*)",
    re.DOTALL,
)
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z]+)>")
_ENTITY = re.compile("&(?:amp|lt|gt);")
_MARK = re.compile(r"(?:^|(?<=\s))\[\s*\d{1,3}\s*(?::[^\[\]]*)?\](?!\()")
_TOKEN = re.compile(r"\[/?[A-Z][A-Z_]+\]|\]~b\]|\]~!b\[|\[e~\[|<\||\|>")
# Format characters that are text: the joiners, the selectors of emoji, and the signs of scripts that are seen.
_SEEN = re.compile(
    "[\u200c\u200d\ufe0e\ufe0f\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd\U00013430-\U00013438]"
)
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A numbered entry of the prompt: the lines of its text, the first without what is ours."""

    number: int
    section: str | None
    label: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def parsed(system: str, rules: str, *, sections: bool = True) -> list[Entry]:
    """The entries of a system message, which has nothing but our rules and, in our tags or without, its entries."""
    assert system.startswith(rules)
    lines = system.removeprefix(rules).split("\n")
    assert lines.pop() == "", "the last line is not ended"
    found = _in_sections(lines) if sections else _entries(lines, None)
    assert [entry.number for entry in found] == list(range(1, len(found) + 1))
    return found


def _in_sections(lines: Sequence[str]) -> list[Entry]:
    found: list[Entry] = []
    names: list[str] = []
    within: list[str] | None = None
    for line in lines:
        tag = _TAG.fullmatch(line)
        if tag is None:
            assert within is not None, f"{line!r} stands in no section"
            within.append(line)
        elif not tag["end"]:
            assert within is None, f"{line} within {names[-1]}"
            names.append(tag["name"])
            within = []
        else:
            assert within, f"{line} ends nothing"
            assert tag["name"] == names[-1]
            found += _entries(within, names[-1])
            within = None
    assert within is None, f"{names[-1:]} is not ended"
    order = [section.value.lower() for section in Section]
    assert names == [name for name in order if name in names], (
        "a section is there twice, or misplaced"
    )
    return found


def _entries(lines: Sequence[str], section: str | None) -> list[Entry]:
    found: list[Entry] = []
    for line in lines:
        if line.startswith("  "):
            assert found, f"{line!r} goes on with nothing"
            last = found.pop()
            found.append(Entry(last.number, section, last.label, (*last.lines, line[2:])))
            continue
        head = _HEAD.fullmatch(line)
        assert head, f"{line!r} is no entry"
        assert section is None or bool(head["time"]) == (section == "conversation")
        found.append(Entry(int(head["number"]), section, head["label"] or "", (head["text"],)))
    return found


def require_data(entry: Entry) -> None:
    """Nothing in the text of the entry is a tag, a mark, a token of a template, a line end, or hidden."""
    assert not set(entry.text) & set("<>＜＞﹤﹥"), entry  # noqa: RUF001
    assert _ENTITY.sub("", entry.text).count("&") == 0, entry
    for line in entry.lines:
        assert line.splitlines() in ([], [line])
        assert not _MARK.search(line), line
        assert not _TOKEN.search(line), line
    hidden = [
        hex(ord(character))
        for character in entry.text
        if character not in "\n\t"
        and not _SEEN.match(character)
        and (
            unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
            or _BLANK.match(character)
        )
    ]
    assert hidden == []
