"""The prompt as a family of models takes it: the only step that knows whose conventions they are.

What is stored and what grounding makes is the same for every model. Where a provider merely has its own place
for the system message, as Anthropic and Google have, or another word for its role, as OpenAI has, the library
that speaks to the provider sees to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelRequestPart,
    ModelResponse,
    SystemPromptPart,
    TextPart,
    UserPromptPart,
)

from api.models.prompt import Message

Taken = Callable[[Sequence[Message]], list[ModelMessage]]


def with_system(messages: Sequence[Message]) -> list[ModelMessage]:
    """Each message in its own role."""
    return [_taken(message) for message in messages]


def without_system(messages: Sequence[Message]) -> list[ModelMessage]:
    """What the system says opens the first message of the user: these models know no other role, or refuse it."""
    told = "\n\n".join(message.text for message in messages if message.role == "SYSTEM")
    others = [message for message in messages if message.role != "SYSTEM"]
    if not told:
        return with_system(others)
    if not others or others[0].role != "USER":
        return with_system([Message("USER", told), *others])
    first, *rest = others
    return with_system([Message("USER", f"{told}\n\n{first.text}"), *rest])


FAMILIES: dict[str, Taken] = {
    "gemma": without_system,
    "medgemma": without_system,
    "shieldgemma": without_system,
}
"""How the families that differ take a prompt, by how their models' names begin."""


def taken(model_name: str, messages: Sequence[Message]) -> list[ModelMessage]:
    """The prompt as this model takes it; `google/gemma-3:27b` is a gemma wherever it is served."""
    own = model_name.casefold().rpartition("/")[2]
    for family, take in FAMILIES.items():
        if own.startswith(family):
            return take(messages)
    return with_system(messages)


def _taken(message: Message) -> ModelMessage:
    if message.role == "ASSISTANT":
        return ModelResponse(parts=[TextPart(message.text)])
    part: ModelRequestPart = (
        SystemPromptPart(message.text) if message.role == "SYSTEM" else UserPromptPart(message.text)
    )
    return ModelRequest(parts=[part])
