"""How the user likes things: a sentence in `text`, or an object of any shape."""

from __future__ import annotations

from api.context_types.shape import ContextType, Shape, Text
from api.context_types.texts import rendered


class Preference(Shape):
    text: Text | None = None


PREFERENCE = ContextType("preference", Preference, rendered)
