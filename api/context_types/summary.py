"""A conversation's older turns, condensed into `text`; which turns those are, a model need not read."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, ValidationError

from api.context_types import texts
from api.context_types.shape import Content, ContextType, Shape, Text

# JSON has neither times nor ids, so they come as strings.
Time = Annotated[AwareDatetime, Field(strict=False)]
Id = Annotated[UUID, Field(strict=False)]


class Covers(Shape):
    """How many turns it condenses, and the last of them: when that was said, and its id in the store."""

    turns: int
    upto: Time
    last: Id


class Summary(Shape):
    text: Text
    covers: Covers | None = None


def covers(content: Content) -> Covers | None:
    """What a summary of any age and origin says that it covers."""
    try:
        return Covers.model_validate(content.get("covers"))
    except ValidationError:
        return None


def rendered(content: Content) -> str:
    return texts.rendered({key: value for key, value in content.items() if key != "covers"})


SUMMARY = ContextType("summary", Summary, rendered)
