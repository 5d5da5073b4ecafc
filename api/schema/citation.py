"""The citations of an answer in the graph: each mark in its text, resolved to what it names."""

from __future__ import annotations

import strawberry

from api.grounding import receipt
from api.grounding.citations import as_javascript_counts, marks
from api.schema.grounding import GroundingItem
from db import records


@strawberry.type(description="A place in an answer that names a context it was given.")
class Citation:
    number: int = strawberry.field(description="The number of the item in the prompt.")
    start: int = strawberry.field(
        description=(
            "Where the mark begins in `text`, in UTF-16 code units as JavaScript counts: `text.slice(start, end)` is "
            "the mark. One mark may name several items."
        )
    )
    end: int = strawberry.field(description="Where the mark ends, counted likewise.")
    item: GroundingItem = strawberry.field(description="What it names.")


def cited(answer: records.Response) -> list[Citation]:
    """The citations in the text so far."""
    if answer.grounding is None:
        return []
    found = marks(answer.text, receipt.numbers(answer.grounding))
    items = receipt.numbered(answer.grounding, {mark.number for mark in found})
    return [
        Citation(
            number=mark.number,
            start=mark.start,
            end=mark.end,
            item=GroundingItem(record=items[mark.number], user_id=answer.user_id),
        )
        for mark in as_javascript_counts(answer.text, found)
    ]
