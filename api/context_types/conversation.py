"""A turn of a conversation: what was said by whom (`name`, else the role), and what the user had said before it."""

from __future__ import annotations

from typing import Literal

from api.context_types.generic import rest
from api.context_types.shape import Content, ContextType, Shape, Text


class Turn(Shape):
    role: Literal["user", "assistant", "system", "tool"]
    message: Text
    name: str | None = None
    user_message: str | None = None


def rendered(content: Content) -> str:
    asked, said = content.get("user_message"), content.get("message")
    speaker = content.get("name") or str(content.get("role") or "assistant").capitalize()
    parts = (
        f"User: {asked}" if asked else None,
        f"{speaker}: {said}" if said else None,
        rest(content, "role", "name", "message", "user_message"),
    )
    return "\n".join(part for part in parts if part)


CONVERSATION = ContextType("conversation", Turn, rendered)
