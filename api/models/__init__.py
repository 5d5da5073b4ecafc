"""Language models. `MODELS` are always there; `reached` gives those that the settings name."""

from __future__ import annotations

from api.models.model import Model
from api.models.patience import Patience
from api.models.prompt import Answering, Message, Prompt, Source, Usage
from api.models.reached import MODELS, Unreachable, connected, reached

__all__ = [
    "MODELS",
    "Answering",
    "Message",
    "Model",
    "Patience",
    "Prompt",
    "Source",
    "Unreachable",
    "Usage",
    "connected",
    "reached",
]
