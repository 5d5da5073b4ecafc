"""Language models: one module per way of reaching one. `MODELS` is the list of them."""

from __future__ import annotations

from api.models.extractive import Extractive
from api.models.model import Model
from api.models.prompt import Message, Prompt, Source, Usage

MODELS: dict[str, Model] = {
    "extractive": Extractive(),
}
"""The models that can answer, by the name that settings and mutations use."""

__all__ = ["MODELS", "Message", "Model", "Prompt", "Source", "Usage"]
