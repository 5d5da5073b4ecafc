"""How long a hosted model is waited for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a model is waited for, in seconds, and how often it is tried again.

    `first` is all there is until the first sign of an answer, however many attempts that takes; `silence` is
    between two signs. Before the first retry there are `pause` seconds, doubled for each that follows.
    """

    first: float = 60.0
    silence: float = 30.0
    retries: int = 2
    pause: float = 0.5
