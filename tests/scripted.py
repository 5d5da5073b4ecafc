"""Models that say what a test tells them to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from api.models import Prompt, Usage


@dataclass
class Scripted:
    """Speaks its lines in order. A line that is an exception is raised; an `asyncio.Event` is waited for.

    `over` is set when it has been left, finished or not.
    """

    lines: Sequence[str | Usage | Exception | asyncio.Event]
    name: str = "scripted"
    provider: str = "tests"
    prompts: list[Prompt] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Usage, None]:
        self.prompts.append(prompt)
        self.asked.set()
        try:
            for line in self.lines:
                match line:
                    case asyncio.Event():
                        await line.wait()
                    case Exception():
                        raise line
                    case _:
                        yield line
        finally:
            self.over.set()


@dataclass
class Paced:
    """Counts: asked for `40 words every 0.02 seconds`, it says `1 2 3 … 40 ` at that pace.

    Words are filled up to `width` characters.
    """

    name: str = "paced"
    provider: str = "tests"
    width: int = 0

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Usage, None]:
        words, _, _, seconds, _ = prompt.message.split()
        now = asyncio.get_running_loop().time
        began = now()
        for number in range(1, int(words) + 1):
            yield f"{number} ".ljust(self.width)
            # By the clock, so that a busy machine does not slow the speech.
            await asyncio.sleep(began + number * float(seconds) - now())


def paced(words: int, seconds: float) -> str:
    """What to ask of `Paced`."""
    return f"{words} words every {seconds} seconds"


def counted(words: int) -> str:
    """What `Paced` answers."""
    return "".join(f"{number} " for number in range(1, words + 1))
