"""A model that somebody runs, far away or on this machine, reached through pydantic-ai's direct layer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager
from itertools import count
from random import uniform
from types import TracebackType
from typing import Self

from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    ModelResponseStreamEvent,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
)
from pydantic_ai.models import Model, StreamedResponse
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.settings import ModelSettings

from api.errors import ModelTimeout, ModelUnavailable
from api.models.failure import Failed, translated
from api.models.family import taken
from api.models.patience import Patience
from api.models.prompt import Prompt, Usage


class Hosted:
    """`name` is `provider:name`, as settings and mutations have it. In `async with` its connections are kept.

    `instrument` says how spans of requests are made; without it there are none.
    """

    def __init__(
        self,
        name: str,
        model: Model,
        patience: Patience,
        settings: ModelSettings,
        instrument: InstrumentationSettings | None = None,
    ) -> None:
        self.name = name
        self.provider = name.partition(":")[0]
        self._model = model
        self._patience = patience
        self._settings = settings
        self._instrument = instrument or False

    @property
    def client(self) -> object:
        """What the provider's own library speaks through."""
        return getattr(self._model, "client", None)

    @property
    def address(self) -> str | None:
        """The base URL, where the library says it."""
        return self._model.base_url

    async def __aenter__(self) -> Self:
        await self._model.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._model.__aexit__(kind, error, trace)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Usage, None]:
        """The answer as it comes. Until its first piece whatever may pass is tried again, and nothing after."""
        request = taken(self._model.model_name, prompt.messages)
        now = asyncio.get_running_loop().time
        first_by = now() + self._patience.first
        for attempt in count():
            said = False
            try:
                async with aclosing(self._spoken(request, first_by)) as pieces:
                    async for piece in pieces:
                        said = True
                        yield piece
                return
            except Failed as failed:
                pause = self._pause(attempt, failed)
                if said or pause is None or now() + pause >= first_by:
                    raise failed.refusal from None
            await asyncio.sleep(pause)

    def _pause(self, attempt: int, failed: Failed) -> float | None:
        """Seconds until the next attempt; None when there is to be none."""
        if not failed.again or attempt >= self._patience.retries:
            return None
        # Chance keeps those who failed together from coming back together.
        pause = self._patience.pause * 2.0**attempt * uniform(0.5, 1.0)  # noqa: S311
        return max(pause, failed.wait or 0.0)

    async def _spoken(
        self, request: Sequence[ModelMessage], first_by: float
    ) -> AsyncGenerator[str | Usage, None]:
        """One attempt. Raises `Failed`."""
        said = False
        with translated(self.name):
            async with AsyncExitStack() as stack:
                async with self._until(first_by, self._patience.first):
                    response = await stack.enter_async_context(self._asked(request))
                async with aclosing(self._events(response, first_by)) as events:
                    async for event in events:
                        if text := text_of(event):
                            said = True
                            yield text
                whole = response.get()
                self._require_whole(whole, said=said)
                if usage := usage_of(whole):
                    yield usage

    def _asked(
        self, request: Sequence[ModelMessage]
    ) -> AbstractAsyncContextManager[StreamedResponse]:
        return model_request_stream(
            self._model, request, model_settings=self._settings, instrument=self._instrument
        )

    async def _events(
        self, response: StreamedResponse, first_by: float
    ) -> AsyncGenerator[ModelResponseStreamEvent, None]:
        """Every sign of the answer, thinking included; each has its time."""
        events = aiter(response)
        by, seconds = first_by, self._patience.first
        while True:
            async with self._until(by, seconds):
                event = await anext(events, None)
            if event is None:
                return
            yield event
            seconds = self._patience.silence
            by = asyncio.get_running_loop().time() + seconds

    @asynccontextmanager
    async def _until(self, moment: float, seconds: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(moment):
                yield
        except TimeoutError:
            silent = f"{self.name} said nothing for {seconds:g} seconds; ask again, or choose another model."
            raise Failed(ModelTimeout(silent)) from None

    def _require_whole(self, response: ModelResponse, *, said: bool) -> None:
        match response.finish_reason:
            case "content_filter":
                why = "withheld the answer; ask in other words."
            case "length":
                why = "stopped at its own limit before the answer was complete; ask for less."
            case reason if reason is None or response.state != "complete":
                why = "broke off before the answer was complete; ask again."
            case _ if not said:
                why = "said nothing; ask again, or choose another model."
            case _:
                return
        raise Failed(ModelUnavailable(f"{self.name} {why}"))


def text_of(event: ModelResponseStreamEvent) -> str:
    """What the event adds to the answer; thinking does not."""
    match event:
        case PartStartEvent(part=TextPart(content=text)):
            return text
        case PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
            return text
        case _:
            return ""


def usage_of(response: ModelResponse) -> Usage | None:
    """What the provider reported, if it did, with its list price."""
    used = response.usage
    if used.unmeasured_requests or not used.has_values():
        return None
    return Usage(used.input_tokens, used.output_tokens, price_of(response))


def price_of(response: ModelResponse) -> float | None:
    """US dollars, by the provider's word or by the price list that came with the library; None when neither knows."""
    if response.usage.cost is not None:
        return float(response.usage.cost)
    try:
        return float(response.cost().total_price)
    except (LookupError, ValueError):
        return None
