"""How content that leads with a `text` is read: the text, then whatever else there is."""

from __future__ import annotations

from api.context_types.generic import rest
from api.context_types.shape import Content


def rendered(content: Content) -> str:
    parts = (content.get("text"), rest(content, "text"))
    return "\n".join(str(part) for part in parts if part)
