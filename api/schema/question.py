"""A message that wants an answer, whether the answer is to be generated or only its prompt to be seen."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from pydantic import Field, ValidationError

from api.errors import BadUserInput
from api.generation.running import Wish
from api.schema.identity import conversation_of
from api.schema.info import Info
from api.schema.inputs import Input, Message
from api.schema.moments import past

Budget = Annotated[int, Field(ge=1, le=1_000_000)]


class Question(Input):
    """What both ask for. What is left out is the server's default."""

    message: Message = Field(description="What is asked: 1 to 32,768 characters.")
    conversation_id: strawberry.ID | None = Field(
        None, description="The conversation to go on with; without it a new one is begun."
    )
    budget: Budget | None = Field(
        None, description="Tokens that the prompt may take in all; without it the server's default."
    )
    as_of: datetime | None = Field(
        None,
        description=(
            "Answer from the contexts as they stood at this moment instead of now; not in the future."
        ),
    )


def asked(
    message: str, conversation_id: str | None, budget: int | None, as_of: datetime | None
) -> Question:
    """The question that the arguments of a field make. Raises `BadUserInput` as an input would."""
    try:
        return Question.model_validate(
            {
                "message": message,
                "conversation_id": conversation_id,
                "budget": budget,
                "as_of": as_of,
            }
        )
    except ValidationError as error:
        problems = "; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors())
        raise BadUserInput(problems) from error


def wished(info: Info, user_id: UUID, question: Question, model: str | None = None) -> Wish:
    """The question as it is carried out. Raises `BadUserInput`."""
    settings = info.context.settings
    return Wish(
        user_id=user_id,
        message=question.message,
        model=model or settings.model,
        budget=question.budget or settings.token_budget,
        recent_turns=settings.recent_turns,
        conversation_id=conversation_of(user_id, question.conversation_id),
        as_of=past(question.as_of),
        by=info.context.by,
    )
