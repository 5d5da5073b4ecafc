"""A conversation's older turns, condensed into `text`."""

from __future__ import annotations

from api.context_types.shape import ContextType, Shape, Text
from api.context_types.texts import rendered


class Summary(Shape):
    text: Text


SUMMARY = ContextType("summary", Summary, rendered)
