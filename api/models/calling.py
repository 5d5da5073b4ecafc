"""A call of a language model as it is observed: when the first word came, what it took, and how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from api.calls import code_of
from api.models.model import Model
from api.models.prompt import Answering, Usage
from api.observe import ModelCalled, Observer, during, milliseconds
from api.observe.stretches import Call


class Calling:
    """One call of a language model. `model` is who speaks, `usage` what was reported of it, once it was."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.usage: Usage | None = None
        self.first_ms: float | None = None
        self._began = perf_counter()

    def hear(self, piece: str | Usage | Answering) -> None:
        """What the model has said, piece by piece."""
        match piece:
            case Usage():
                self.usage = piece
            case Answering():
                self.model = piece.model
            case str() if self.first_ms is None:
                self.first_ms = milliseconds(self._began)

    def ended(self, purpose: str, code: str | None) -> ModelCalled:
        """What is observed of it at its end."""
        usage = self.usage
        return ModelCalled(
            model=self.model,
            purpose=purpose,
            code=code,
            first_ms=self.first_ms,
            duration_ms=milliseconds(self._began),
            input_tokens=usage.input_tokens if usage else None,
            output_tokens=usage.output_tokens if usage else None,
            cost_usd=usage.cost_usd if usage else None,
        )


@contextmanager
def calling(observe: Observer, model: Model, purpose: str) -> Iterator[Calling]:
    """The block is one call of the model, for an `answer` or a `summary`."""
    call = Calling(model.name)
    code = None
    with during(observe, Call(model.name, purpose)):
        try:
            yield call
        except BaseException as error:
            code = code_of(error)
            raise
        finally:
            observe(call.ended(purpose, code))
