"""The model for when there is none: it quotes the stored sentences that best match the message.

It needs no network, gives the same answer every time, and says what it is.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from math import log

from api.grounding.citations import unmarked
from api.models.condense import condensed
from api.models.prompt import Prompt, Source, Usage
from api.words import SENTENCE, stems

MOST_QUOTES = 3
LONGEST_QUOTE = 400

_NONE = (
    "Nothing that is stored matches this message. "
    "No language model was used: this answer only ever quotes what is stored."
)
_FIRST = "What is stored says:"
_LAST = "No language model was used: these are the stored sentences that best match the message."

FRAME = (_NONE, _FIRST, _LAST)
"""What it says of itself rather than of the user."""

# What was said in a conversation may itself be a quotation of what is stored.
_SECOND_HAND = {"conversation", "summary"}


class Extractive:
    """Answers with quotations."""

    name = "extractive"
    provider = "contextql"

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Usage, None]:
        """The answer line by line; its usage counts words."""
        if prompt.condense_to is None:
            answer = answered(prompt)
        else:
            answer = condensed(prompt.sources, prompt.condense_to, FRAME)
        for line in answer.splitlines(keepends=True):
            yield line
            # Whoever else has something to do comes first.
            await asyncio.sleep(0)
        yield Usage(
            input_tokens=sum(len(message.text.split()) for message in prompt.messages),
            output_tokens=len(answer.split()),
        )


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a source, with the stems of the words that carry meaning."""

    text: str
    stems: frozenset[str]
    source: Source


def answered(prompt: Prompt) -> str:
    """The whole answer: the best quotations with their sources, or that there are none."""
    asked = stems(prompt.message)
    told = [source for source in prompt.sources if source.context_type not in _SECOND_HAND]
    said = [source for source in prompt.sources if source.context_type in _SECOND_HAND]
    quotes = best(sentences(told), asked) or best(sentences(said), asked)
    if not quotes:
        return _NONE
    lines = [f"- “{unmarked(_shortened(quote.text))}” {_cited(quote.source)}" for quote in quotes]
    return "\n".join([_FIRST, *lines, "", _LAST])


def sentences(sources: Iterable[Source]) -> list[Sentence]:
    """Every sentence of the sources that says something, in order."""
    found = []
    for source in sources:
        for match in SENTENCE.finditer(source.text):
            text = match.group().strip()
            words = stems(text)
            # A question answers nothing.
            if words and not text.endswith("?"):
                found.append(Sentence(text, words, source))
    return found


def best(candidates: list[Sentence], asked: frozenset[str]) -> list[Sentence]:
    """The sentences that share most with what is asked, the rarer words counting more; none twice."""
    counts = Counter(stem for sentence in candidates for stem in sentence.stems)
    scored = [
        (_score(sentence, asked, counts, len(candidates)), sentence) for sentence in candidates
    ]
    # Sorting is stable: of equal sentences the one of the better source comes first.
    matching = sorted((one for one in scored if one[0] > 0), key=lambda one: -one[0])
    chosen: list[Sentence] = []
    for score, sentence in matching:
        enough = score >= matching[0][0] / 2
        if enough and all(sentence.stems != other.stems for other in chosen):
            chosen.append(sentence)
    return chosen[:MOST_QUOTES]


def _score(sentence: Sentence, asked: frozenset[str], counts: Counter[str], total: int) -> float:
    shared = sum(log(1 + total / counts[stem]) for stem in sentence.stems & asked)
    # A long sentence shares words by chance.
    return shared / (1 + log(1 + len(sentence.stems)))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE].rstrip()} …"


def _cited(source: Source) -> str:
    return f"[{source.number}: {source.context_type}, {source.created_at:%Y-%m-%d}]"
