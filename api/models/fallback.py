"""Several models in a row: when one cannot begin to answer, the next one does."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from api.errors import ModelTimeout, ModelUnavailable, Refusal
from api.models.model import Model
from api.models.prompt import Answering, Prompt, Usage


class Fallback:
    """Goes by the name of the first of its models."""

    def __init__(self, models: Sequence[Model]) -> None:
        self.models = tuple(models)
        self.name = self.models[0].name
        self.provider = self.models[0].provider

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Usage | Answering, None]:
        """The answer of the first that begins one. Once something was said nobody else goes on with it."""
        refused: list[ModelUnavailable | ModelTimeout] = []
        for model in self.models:
            said = False
            try:
                async with aclosing(model.stream(prompt)) as pieces:
                    async for piece in pieces:
                        if not said and model.name != self.name:
                            yield Answering(model.name, words_of(refused))
                        said = True
                        yield piece
                return
            except (ModelUnavailable, ModelTimeout) as refusal:
                if said:
                    raise
                refused.append(refusal)
        raise together(refused)


def together(refused: Sequence[ModelUnavailable | ModelTimeout]) -> ModelUnavailable | ModelTimeout:
    """Why none of them answered, in the order in which they were asked."""
    why = words_of(refused)
    late = all(isinstance(refusal, ModelTimeout) for refusal in refused)
    return ModelTimeout(why) if late else ModelUnavailable(why)


def words_of(refused: Sequence[Refusal]) -> str:
    return " ".join(str(refusal) for refusal in refused)
