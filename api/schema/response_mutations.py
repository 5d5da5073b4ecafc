"""Asking for answers."""

from __future__ import annotations

from typing import Annotated

import strawberry
from pydantic import Field

from api.schema import response
from api.schema.circles import Response
from api.schema.identity import Kind, named
from api.schema.info import Info
from api.schema.inputs import RETRYING, IdempotencyKey, Input
from api.schema.question import Question, wished
from api.schema.retried import retried
from db import records
from db.pool import Store


@strawberry.pydantic.input(description="A message to answer from what is known about its user.")
class GenerateResponseInput(Question):
    user_id: strawberry.ID = Field(description="The user who asks.")
    model: str | None = Field(
        None,
        description="The model to answer, one of `Query.models`; without it the server's default.",
    )
    idempotency_key: IdempotencyKey | None = Field(None, description=RETRYING)


@strawberry.type(description="The finished answer.")
class GenerateResponsePayload:
    response: Response = strawberry.field(
        description="The response in its last state; `status` and `error` say how it ended."
    )


@strawberry.type(description="The answer to come.")
class StartResponsePayload:
    response: Response = strawberry.field(
        description="The pending response; follow it with `responseEvents`."
    )


@strawberry.pydantic.input(description="A response that need not go on.")
class CancelResponseInput(Input):
    id: strawberry.ID = Field(description="The response.")


@strawberry.type(description="The response as it stands.")
class CancelResponsePayload:
    response: Response = strawberry.field(
        description=(
            "`CANCELLED`, with the text so far; or as it had ended before, which cancelling does not change."
        )
    )


Wanted = Annotated[GenerateResponseInput, strawberry.argument(description="What to answer.")]


@strawberry.type(description="Asking for answers, and ending them.")
class ResponseMutations:
    @strawberry.mutation(description="Generate an answer and give it when it is complete.")
    async def generate_response(self, info: Info, input: Wanted) -> GenerateResponsePayload:
        started = await _started(info, input)
        # Who waits for a model takes nothing that another operation could need.
        with info.context.place.left():
            finished = await info.context.finished(started)
        return GenerateResponsePayload(response=response.Response(record=finished))

    @strawberry.mutation(description="Begin to generate an answer and return at once.")
    async def start_response(self, info: Info, input: Wanted) -> StartResponsePayload:
        return StartResponsePayload(response=response.Response(record=await _started(info, input)))

    @strawberry.mutation(
        description="End a response wherever it is generated. To cancel again, or after its end, is harmless."
    )
    async def cancel_response(
        self,
        info: Info,
        input: Annotated[CancelResponseInput, strawberry.argument(description="The response.")],
    ) -> CancelResponsePayload:
        owned = named(Kind.Response, input.id)
        cancelled = await info.context.running.cancel(info.context.db, owned)
        return CancelResponsePayload(response=response.Response(record=cancelled))


async def _started(info: Info, asked: GenerateResponseInput) -> records.Response:
    user_id, _ = named(Kind.User, asked.user_id)
    wish = wished(info, user_id, asked, asked.model)
    with info.context.running.starting(wish) as store:

        async def counted(db: Store) -> records.Response:
            # A user counts by the credential, which cannot name another.
            async with info.context.rates.generating(info.context.viewer.user or user_id):
                return await store(db)

        return await retried(info, user_id, asked, counted, info.context.loaders.responses.load)
