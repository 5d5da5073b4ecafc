"""What is searched for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from db.filters import ContextFilter


class Mode(StrEnum):
    """Which arms search."""

    HYBRID = "HYBRID"
    KEYWORD = "KEYWORD"
    SEMANTIC = "SEMANTIC"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for. `moment` asks for the contexts as they stood then; None for the present."""

    user_id: UUID
    text: str
    limit: int
    mode: Mode = Mode.HYBRID
    filter: ContextFilter = field(default_factory=ContextFilter)
    moment: datetime | None = None
