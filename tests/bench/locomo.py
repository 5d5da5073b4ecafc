"""Conversations with questions and their evidence, in the LoCoMo JSON format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

# Some lists of evidence hold several ids in one string.
_ID = re.compile(r"D\d+:\d+")
_SESSION = re.compile(r"session_(\d+)")


@dataclass(frozen=True, slots=True)
class Turn:
    id: str
    speaker: str
    text: str
    caption: str | None


@dataclass(frozen=True, slots=True)
class Session:
    began: datetime
    turns: Sequence[Turn]


@dataclass(frozen=True, slots=True)
class Question:
    """`evidence` names the turns that hold the answer; all of them are in the sample."""

    text: str
    category: int
    evidence: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sample:
    sessions: Sequence[Session]
    questions: Sequence[Question]


def read(path: Path) -> list[Sample]:
    """Every sample of the file. A question whose evidence is not among the turns is left out."""
    return [_sample(one) for one in json.loads(path.read_text())]


def _sample(given: Mapping[str, Any]) -> Sample:
    sessions = list(_sessions(given["conversation"]))
    known = {turn.id for session in sessions for turn in session.turns}
    asked = (_question(one, known) for one in given["qa"])
    return Sample(sessions, [one for one in asked if one.evidence])


def _sessions(talk: Mapping[str, Any]) -> Iterator[Session]:
    numbers = sorted(int(match[1]) for match in map(_SESSION.fullmatch, talk) if match)
    for number in numbers:
        began = datetime.strptime(
            f"{talk[f'session_{number}_date_time']} +0000", "%I:%M %p on %d %B, %Y %z"
        )
        turns = [
            Turn(turn["dia_id"], turn["speaker"], turn["text"], turn.get("blip_caption"))
            for turn in talk[f"session_{number}"]
        ]
        yield Session(began, turns)


def _question(given: Mapping[str, Any], known: set[str]) -> Question:
    evidence = frozenset(_ID.findall(" ".join(given["evidence"])))
    return Question(given["question"], given["category"], evidence & known)
