"""The receipt of an answer: what its prompt was made of, as it is stored and read back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from api.grounding.found import Grounding, Item, PromptMessage
from db.ids import known_id
from db.records import Json


class ReceiptItem(NamedTuple):
    """A context that was considered, by version: it stays true whatever becomes of the context.

    `number` is the one it has in the prompt; None if it was left out, and in receipts from before they held it.
    """

    context_id: UUID
    context_version: int
    section: str
    included: bool
    reason: str
    rank: int
    score: float
    keyword_score: float | None
    semantic_score: float | None
    tokens: int
    truncated: bool
    number: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a prompt was made of; `tokens` is its estimated size."""

    tokens: int
    prompt: tuple[PromptMessage, ...]
    items: tuple[ReceiptItem, ...]


def written(grounding: Grounding) -> Json:
    """The receipt of a grounding, as it is stored."""
    return {
        "tokens": grounding.tokens,
        "prompt": [{"role": message.role, "text": message.text} for message in grounding.prompt],
        "items": [_written(item) for item in grounding.items],
    }


def of(grounding: Grounding) -> Receipt:
    """The receipt that a grounding leaves, as it will be read back."""
    return read(written(grounding))


def _written(item: Item) -> Json:
    candidate = item.candidate
    return {
        "contextId": str(candidate.context.id),
        "contextVersion": candidate.context.version,
        "section": candidate.section.value,
        "included": item.included,
        "reason": item.reason.value,
        "rank": candidate.rank,
        "score": round(candidate.score, 6),
        "keywordScore": candidate.keyword_score,
        "semanticScore": candidate.semantic_score,
        "tokens": item.tokens,
        "truncated": item.truncated,
        "number": item.number,
    }


def read(stored: Json) -> Receipt:
    """A receipt as it was stored."""
    return Receipt(
        tokens=stored["tokens"],
        prompt=tuple(PromptMessage(one["role"], one["text"]) for one in stored["prompt"]),
        items=tuple([_read(one) for one in stored["items"]]),
    )


def numbered(stored: Json, numbers: Collection[int]) -> dict[int, ReceiptItem]:
    """Of a receipt as it was stored the items that have these numbers in the prompt."""
    return {one["number"]: _read(one) for one in stored["items"] if one.get("number") in numbers}


def numbers(stored: Json) -> set[int]:
    """Those that the items of a receipt have in the prompt, as it was stored."""
    return {one["number"] for one in stored["items"] if one.get("number") is not None}


def _read(stored: Json) -> ReceiptItem:
    return ReceiptItem(
        context_id=known_id(stored["contextId"]),
        context_version=stored["contextVersion"],
        section=stored["section"],
        included=stored["included"],
        reason=stored["reason"],
        rank=stored["rank"],
        score=stored["score"],
        keyword_score=stored["keywordScore"],
        semantic_score=stored.get("semanticScore"),
        tokens=stored["tokens"],
        truncated=stored["truncated"],
        number=stored.get("number"),
    )
