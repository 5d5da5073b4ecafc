"""A turn of a conversation: what was said by whom (`name`, else the role), and what the user had said before it."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, get_args

from api.context_types.generic import nested, rest
from api.context_types.shape import Content, ContextType, Shape, Text

Role = Literal["user", "assistant", "system", "tool"]

_ROLES = frozenset(get_args(Role))
_APART = re.compile(r"[\s:：]+")  # noqa: RUF001  # what would end a name


class Turn(Shape):
    role: Role
    message: Text
    name: str | None = None
    user_message: str | None = None


def rendered(content: Content) -> str:
    asked, said = content.get("user_message"), content.get("message")
    parts = (
        f"User: {nested(str(asked))}" if asked else None,
        f"{_speaker(content)}: {nested(str(said))}" if said else None,
        rest(content, "role", "name", "message", "user_message"),
    )
    return "\n".join(part for part in parts if part)


def _speaker(content: Content) -> str:
    """Who speaks. A name is on one line, and nobody is called Assistant who is none."""
    name = _APART.sub(" ", str(content.get("name") or "")).strip()
    letters = "".join(filter(str.isalpha, unicodedata.normalize("NFKC", name))).casefold()
    if letters and letters not in _ROLES:
        return name
    return str(content.get("role") or "assistant").capitalize()


CONVERSATION = ContextType("conversation", Turn, rendered)
