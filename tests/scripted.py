"""A model that says what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from api.models import Prompt, Usage


@dataclass
class Scripted:
    """Speaks its lines in order. A line that is an exception is raised; an `asyncio.Event` is waited for."""

    lines: Sequence[str | Usage | Exception | asyncio.Event]
    name: str = "scripted"
    provider: str = "tests"
    prompts: list[Prompt] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Usage, None]:
        self.prompts.append(prompt)
        self.asked.set()
        for line in self.lines:
            match line:
                case asyncio.Event():
                    await line.wait()
                case Exception():
                    raise line
                case _:
                    yield line
