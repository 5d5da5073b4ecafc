"""What a context can be: one type a file, and the list of them here.

The text of a context is what a language model reads, and the same text is what search finds, by its type as well.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from api.context_types.conversation import CONVERSATION
from api.context_types.generic import GENERIC
from api.context_types.knowledge import KNOWLEDGE
from api.context_types.preference import PREFERENCE
from api.context_types.profile import PROFILE
from api.context_types.shape import Content, ContextType
from api.context_types.summary import SUMMARY
from api.errors import BadUserInput

CONTEXT_TYPES: dict[str, ContextType] = {
    "conversation": CONVERSATION,
    "knowledge": KNOWLEDGE,
    "preference": PREFERENCE,
    "profile": PROFILE,
    "summary": SUMMARY,
}
"""The types whose shape is known; any other name is a type of the application's own."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,49}", re.ASCII)


def of(name: str) -> ContextType:
    """The type of that name; the generic one for a name of the application's own."""
    return CONTEXT_TYPES.get(name, GENERIC)


def validated(context_type: str, content: object) -> dict[str, Any]:
    """The content, in the shape of its type. Raises `BadUserInput` naming the key that is wrong."""
    if context_type not in CONTEXT_TYPES and not _NAME.fullmatch(context_type):
        raise BadUserInput(
            f"contextType {context_type[:60]!r} must be 1 to 50 letters, digits or any of _ . : -, "
            "and begin with a letter or digit."
        )
    if not isinstance(content, dict):
        raise BadUserInput(f"The content of a {context_type} must be a JSON object.")
    try:
        of(context_type).shape.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(_problem(one["loc"], one["msg"]) for one in error.errors()[:5])
        raise BadUserInput(
            f"The content of a {context_type} is not as it must be: {problems}."
        ) from error
    return content


def rendered(context_type: str, content: Content) -> str:
    """How a language model reads the content, whatever its shape."""
    return of(context_type).rendered(content)


def searchable(context_type: str, content: Content) -> str:
    """What search finds it by: its type, and all that a language model reads."""
    return f"{context_type}\n{rendered(context_type, content)}"


def _problem(location: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(str(part) for part in location)}: {message[0].lower()}{message[1:]}"
