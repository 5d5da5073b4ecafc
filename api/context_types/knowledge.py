"""Something worth knowing: a `text`, with a `title` and the `source` it comes from if there are any."""

from __future__ import annotations

from api.context_types.generic import rest
from api.context_types.shape import Content, ContextType, Shape, Text


class Knowledge(Shape):
    text: Text
    title: str | None = None
    source: str | None = None


def rendered(content: Content) -> str:
    source = content.get("source")
    parts = (
        content.get("title"),
        content.get("text"),
        f"Source: {source}" if source else None,
        rest(content, "text", "title", "source"),
    )
    return "\n".join([str(part) for part in parts if part])


KNOWLEDGE = ContextType("knowledge", Knowledge, rendered)
