"""One model's answer as it comes: words that can be stored, and not more of them than a response may have."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from api.errors import OperationTooCostly
from api.models import Answering, Model, Prompt
from api.models.calling import Calling

_UNSTORABLE = str.maketrans(
    {"\x00": "\ufffd", **{chr(code): "\ufffd" for code in range(0xD800, 0xE000)}}
)


class Speech:
    """`call` hears whatever the model says; `instead` is called when it is not the model that was asked."""

    def __init__(
        self,
        model: Model,
        prompt: Prompt,
        longest: int,
        call: Calling,
        instead: Callable[[Answering], None],
    ) -> None:
        self._model = model
        self._prompt = prompt
        self._longest = longest
        self._call = call
        self._instead = instead

    async def words(self) -> AsyncGenerator[str, None]:
        """What the model says. Raises `OperationTooCostly` after `longest` characters."""
        left = self._longest
        async with aclosing(self._model.stream(self._prompt)) as pieces:
            async for piece in pieces:
                self._call.hear(piece)
                if isinstance(piece, Answering):
                    self._instead(piece)
                if not isinstance(piece, str):
                    continue
                if text := piece[:left].translate(_UNSTORABLE):
                    yield text
                left -= len(piece)
                if left < 0:
                    raise self._too_long()

    def _too_long(self) -> OperationTooCostly:
        return OperationTooCostly(
            f"The answer is longer than {self._longest} characters; ask for less.",
            measure="text",
            value=self._longest + 1,
            limit=self._longest,
        )
