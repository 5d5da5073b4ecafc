"""What happens to a response, live: numbered events, the same for early and late followers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Protocol

import strawberry

from api.schema import response
from api.schema.circles import Response
from api.schema.info import Info
from api.schema.node import stored
from api.schema.response import ResponseError
from db import records

_SEQ = (
    "The number of the event, from 1 without holes; pass the last one you saw as `after` to resume."
)
_RESPONSE = "The response as it stands now."


class Event(Protocol):
    record: records.ResponseEvent


async def current(parent: strawberry.Parent[Event], info: Info) -> Response:
    key = parent.record.user_id, parent.record.response_id
    record = await info.context.loaders.responses.load(key)
    assert record is not None  # noqa: S101  # an event belongs to a response
    return response.Response(record=record)


@strawberry.type(description="The prompt is made, and the model has it.")
class ResponseStarted:
    record: strawberry.Private[records.ResponseEvent]
    seq: int = stored(_SEQ)
    response = strawberry.field(resolver=current, description=_RESPONSE)


@strawberry.type(description="The model has said something more.")
class ResponseDelta:
    record: strawberry.Private[records.ResponseEvent]
    seq: int = stored(_SEQ)
    text: str = stored("What it said; the deltas in order are the text of the response.")


@strawberry.type(description="The response is complete. The last event.")
class ResponseCompleted:
    record: strawberry.Private[records.ResponseEvent]
    seq: int = stored(_SEQ)
    response = strawberry.field(resolver=current, description=_RESPONSE)


@strawberry.type(description="The response has failed; the text so far is kept. The last event.")
class ResponseFailed:
    record: strawberry.Private[records.ResponseEvent]
    seq: int = stored(_SEQ)
    response = strawberry.field(resolver=current, description=_RESPONSE)

    @strawberry.field(description="Why it failed.")
    async def error(self, info: Info) -> ResponseError:
        failed: ResponseError | None = (await current(self, info)).error()
        assert failed is not None  # noqa: S101  # a failed response says why
        return failed


@strawberry.type(description="The response was cancelled; the text so far is kept. The last event.")
class ResponseCancelled:
    record: strawberry.Private[records.ResponseEvent]
    seq: int = stored(_SEQ)
    response = strawberry.field(resolver=current, description=_RESPONSE)


ResponseEvent = Annotated[
    ResponseStarted | ResponseDelta | ResponseCompleted | ResponseFailed | ResponseCancelled,
    strawberry.union("ResponseEvent", description="Something that has happened to a response."),
]

Shown = ResponseStarted | ResponseDelta | ResponseCompleted | ResponseFailed | ResponseCancelled

_KINDS: dict[str, Callable[..., Shown]] = {
    "STARTED": ResponseStarted,
    "DELTA": ResponseDelta,
    "COMPLETED": ResponseCompleted,
    "FAILED": ResponseFailed,
    "CANCELLED": ResponseCancelled,
}


def shown(record: records.ResponseEvent) -> Shown:
    """The event as the graph shows it."""
    return _KINDS[record.kind](record=record)
